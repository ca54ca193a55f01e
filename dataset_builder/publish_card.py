"""What the card of a dataset folder must say before others read it, and the pictures that it may show."""

import tempfile
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from huggingface_hub import metadata_load

from dataset_builder.contact_sheet import task_pictures
from dataset_builder.errors import DatasetError
from dataset_builder.reader import CARD_FILE
from dataset_builder.sources import terms_of


REWRITE = "Write it anew with `hub_cards.dataset_card.write_card`."


def check_card(folder: Path, sources: Sequence[str], files: Sequence[str]) -> None:
    """Check that the card's YAML gives every config its files, and readers the terms of the sources.

    Args:
        folder (`Path`): the dataset folder.
        sources (sequence of `str`): whose scenes it is about.
        files (sequence of `str`): paths of its Parquet files.

    Raises:
        [`DatasetError`]: for the first rule that is broken.
    """
    path = folder / CARD_FILE
    wanted = {
        config: _with_split(files, config) for config in ("default", *(Path(name).parent.name for name in files))
    }
    try:
        card = metadata_load(path) or {}
        found = {
            entry["config_name"]: {
                (part["split"], name)
                for part in entry["data_files"]
                for name in files
                if fnmatchcase(name, part["path"])
            }
            for entry in card["configs"]
        }
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise DatasetError(f"The YAML of {path} has no readable configs ({error!r}). {REWRITE}") from error
    wrong = [config for config in wanted if wanted[config] != found.get(config)]
    if wrong:
        raise DatasetError(f"The YAML of {path} does not give config {wrong[0]!r} its files. {REWRITE}")
    _check_terms(path, card, sources)


def _with_split(files: Sequence[str], config: str) -> set[tuple[str, str]]:
    return {
        (Path(name).name.partition("-")[0], name) for name in files if config in {"default", Path(name).parent.name}
    }


def _check_terms(path: Path, card: dict, sources: Sequence[str]) -> None:
    terms = [terms_of(source) for source in sources]
    licences = {of.license for of in terms}
    licence = licences.pop() if len(licences) == 1 else "other"
    gated = any(of.gated for of in terms)
    # Where a source is the owner's own and nobody else's terms bind, the owner may state any licence
    bound = licence != "other" or gated
    if card.get("license") != licence and (bound or not card.get("license")):
        raise DatasetError(
            f"{path} states the licence {card.get('license')!r}, but the terms of {', '.join(sources)} ask for "
            f"{licence!r}. {REWRITE}"
        )
    if gated and not card.get("extra_gated_prompt"):
        raise DatasetError(
            f"{path} has no `extra_gated_prompt`, so readers would ask for access without having seen the terms of "
            f"{', '.join(source for source in sources if terms_of(source).gated)}. {REWRITE}"
        )


def check_pictures(folder: Path, sources: Sequence[str], pictures: Sequence[str]) -> None:
    """Check that no picture shows a photo that may not be passed on: each can be drawn from the pixels in the files.

    Args:
        folder (`Path`): a dataset folder whose files hold no such photos themselves.
        sources (sequence of `str`): whose scenes it is about.
        pictures (sequence of `str`): paths of the pictures in the folder.

    Raises:
        [`DatasetError`]: a picture comes from elsewhere.
    """
    if not pictures or all(terms_of(source).pixels for source in sources):
        return
    with tempfile.TemporaryDirectory() as drawn_in:
        drawn = {path.name: path.read_bytes() for path in task_pictures(folder, Path(drawn_in)).values()}
    for name in pictures:
        if drawn.get(Path(name).name) != (folder / name).read_bytes():
            raise DatasetError(
                f"{folder / name} was not drawn from the photos in this dataset, so it may show one that must not be "
                f"passed on. Delete it. {REWRITE.replace('it', 'the card')}"
            )
