"""Whose scenes a dataset is about, and what their terms allow: for the card, and for what may be published."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceTerms:
    """Terms of one source of scenes.

    Args:
        license (`str`): the Hub's name of the licence, `"other"` where it has none.
        text (`str`): a sentence for the card.
        pixels (`bool`): whether its photos may be passed on.
        gated (`bool`): whether readers of its questions must first accept the terms.
        license_name, license_link (`str`, *optional*): which licence `"other"` is.
    """

    license: str
    text: str
    pixels: bool
    gated: bool
    license_name: str | None = None
    license_link: str | None = None


TERMS = {
    "procedural": SourceTerms(
        license="apache-2.0",
        text="Procedural scenes, their images and the questions about them are under Apache-2.0.",
        pixels=True,
        gated=False,
    ),
    "scannetpp": SourceTerms(
        license="other",
        text="ScanNet++ may be used for non-commercial research by those who accepted its terms; its photos are not "
        "part of this dataset, and questions about it are for the same use.",
        pixels=False,
        gated=True,
        license_name="scannetpp-terms-of-use",
        license_link="https://kaldir.vc.in.tum.de/scannetpp/static/scannetpp-terms-of-use.pdf",
    ),
    "waymo": SourceTerms(
        license="other",
        text="This dataset was made using the Waymo Open Dataset, provided by Waymo LLC under the license terms "
        "available at waymo.com/open, for non-commercial use; its photos are not part of this dataset.",
        pixels=False,
        gated=True,
        license_name="waymo-open-dataset-license",
        license_link="https://waymo.com/open/terms",
    ),
}


def terms_of(source: str) -> SourceTerms:
    """Terms of a source by its name (column `dataset`); one that is not known here is its owner's own."""
    return TERMS.get(
        source,
        SourceTerms(
            license="other",
            text=f"Rows of `{source}` are under the terms that the owner of its scenes gives them.",
            pixels=True,
            gated=False,
            license_name="terms-of-the-source",
        ),
    )
