"""Terms of a dataset's sources, as the Hub's metadata and as a table of the card."""

from collections.abc import Sequence

from dataset_builder.sources import terms_of
from hub_cards.markdown import table


OTHER = "other"
# Name of the licence where each of several sources has its own
SEVERAL = "terms-of-each-source"


def license_fields(sources: Sequence[str]) -> dict[str, str | None]:
    """`license`, `license_name` and `license_link` of rows from these sources together."""
    found = {(terms.license, terms.license_name, terms.license_link) for terms in map(terms_of, sources)}
    if len(found) > 1:
        return {"license": OTHER, "license_name": SEVERAL, "license_link": None}
    return dict(zip(("license", "license_name", "license_link"), found.pop(), strict=True))


def gate_fields(sources: Sequence[str]) -> dict:
    """What the Hub asks readers to accept first; nothing unless a source is gated."""
    gated = [source for source in sources if terms_of(source).gated]
    if not gated:
        return {}
    return {
        "extra_gated_prompt": "\n\n".join(f"{terms_of(source).text} Terms: {_licence(source)}" for source in gated),
        "extra_gated_fields": {f"I have accepted the terms of {name} and keep to them": "checkbox" for name in gated},
    }


def terms_table(sources: dict[str, dict[str, int]]) -> str:
    """For each source the terms of what was derived from it, and of its pixels, if they are here.

    Args:
        sources (`dict`): `sources` of `statistics.json`.
    """
    return table(
        ["source", "scenes, questions, answers and evidence", "pixels"],
        [
            [
                name,
                _licence(name),
                _licence(name) if counts["scenes_with_pixels"] else "not in these files",
            ]
            for name, counts in sources.items()
        ],
        labels=3,
    )


def _licence(source: str) -> str:
    terms = terms_of(source)
    name = terms.license_name or terms.license
    return f"[{name}]({terms.license_link})" if terms.license_link else name
