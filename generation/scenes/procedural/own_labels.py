"""The labels file of a folder of one's own meshes: what each one is, where it stands, its unit and its axes."""

import csv
import re
from dataclasses import dataclass, fields
from pathlib import Path

from generation.scenes.base import SceneError
from generation.scenes.files import read_json
from generation.scenes.labels import is_junk, is_plural
from generation.scenes.procedural.own_meshes import AXES, UNITS_M


PLACES = ("floor", "wall_side", "surface", "wall", "ceiling", "rug")
SUFFIXES = (".glb", ".gltf", ".obj")
DEFAULT_FRONT = {"y": "+z", "z": "-y"}
CHOICES = {"place": PLACES, "unit": tuple(UNITS_M), "up": ("y", "z"), "front": tuple(AXES), "carries": ("yes", "no")}
LABEL = re.compile(r"[a-z][a-z0-9' -]*[a-z0-9]")
HEIGHT = re.compile(r"(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One mesh.

    Args:
        where (`str`): file and number of the row, for messages.
        path (`Path`): the mesh.
        label (`str`): singular noun, lower case.
        place (`str`): where it stands, see [`Category`].
        unit (`str`): length that the file's numbers are multiples of.
        up (`str`): the file's axis that points upwards.
        front (`str`): the file's direction, with its sign, that the front faces.
        height_m (`tuple` of 2 `float`, *optional*): least and most height to which it is scaled, in place of `unit`.
        carries (`str`, *optional*): whether others may stand on it; `None`: where rooms need it.
    """

    where: str
    path: Path
    label: str
    place: str
    unit: str = "m"
    up: str = "y"
    front: str
    height_m: tuple[float, float] | None = None
    carries: str | None = None


COLUMNS = ("file", *(one.name for one in fields(Row) if one.name not in ("where", "path")))


def read_rows(folder: Path) -> list[Row]:
    """The rows of the folder's `labels.csv` or `labels.json`.

    Raises:
        [`SceneError`]: there is no such file, or there are two, or a row breaks a rule of docs/own_assets.md.
    """
    if not folder.is_dir():
        raise SceneError(f"The folder of assets {folder} is missing. Give `assets` the folder that holds labels.csv.")
    given = [path for path in (folder / "labels.csv", folder / "labels.json") if path.is_file()]
    if len(given) != 1:
        raise SceneError(f"{folder} must have either labels.csv or labels.json, found {len(given)} of them.")
    values = read_json(given[0], "the labels") if given[0].suffix == ".json" else _read_csv(given[0])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise SceneError(f"{given[0]} must be a list of objects, one for each mesh.")
    if not values:
        raise SceneError(f"{given[0]} names no meshes. Add a row for each.")
    rows = [_row(f"{given[0]}, row {number}", value, folder) for number, value in enumerate(values, start=1)]
    places = {row.label: row for row in reversed(rows)}
    for row in rows:
        first = places[row.label]
        if row.place != first.place:
            raise SceneError(
                f"{row.where}: a {row.label} goes {row.place!r} here, and {first.place!r} in {first.where}. "
                "Give all rows of one label the same place."
            )
    return rows


def _read_csv(path: Path) -> list[dict]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, skipinitialspace=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SceneError(f"{path} is not readable as CSV ({error}). Save it as UTF-8 with commas.") from error


def _row(where: str, value: dict, folder: Path) -> Row:
    unknown = sorted(str(name) for name in value.keys() - set(COLUMNS))
    if unknown:
        raise SceneError(f"{where}: there is no column {unknown[0]!r}. Use: {', '.join(COLUMNS)}.")
    given = {name: str(text).strip() for name, text in value.items() if text is not None and str(text).strip()}
    for name in ("file", "label", "place"):
        if name not in given:
            raise SceneError(f"{where}: `{name}` is empty. Every row needs file, label and place.")
    for name in given.keys() & CHOICES.keys():
        if given[name] not in CHOICES[name]:
            raise SceneError(f"{where}: `{name}` is {given[name]!r}. Use one of: {', '.join(CHOICES[name])}.")
    label, up = given["label"], given.get("up", "y")
    if not LABEL.fullmatch(label) or is_junk(label) or is_plural(label):
        raise SceneError(
            f"{where}: the label {label!r} is not a singular noun in lower case. "
            "Questions name the thing by it: write it as in 'office chair'."
        )
    given.setdefault("front", DEFAULT_FRONT[up])
    if given["front"][1] == up:
        raise SceneError(f"{where}: `front` and `up` are both along {up}. Give the axis along which its front faces.")
    height_m = _height_m(where, given.pop("height_m", None))
    return Row(where=where, path=_path(where, given.pop("file"), folder), height_m=height_m, **given)


def _height_m(where: str, text: str | None) -> tuple[float, float] | None:
    """A range of metres from `"0.8"` or `"0.7-0.9"`."""
    if text is None:
        return None
    match = HEIGHT.fullmatch(text)
    low, high = (float(number or match[1]) for number in match.groups()) if match else (0.0, 0.0)
    if not 0 < low <= high:
        raise SceneError(f"{where}: `height_m` is {text!r}. Write metres, as in 0.8, or a range, as in 0.7-0.9.")
    return low, high


def _path(where: str, name: str, folder: Path) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SceneError(f"{where}: the file {name!r} lies outside the folder. Put the mesh into it.")
    if path.suffix.lower() not in SUFFIXES:
        raise SceneError(f"{where}: the file {name!r} is none of {', '.join(SUFFIXES)}. Export it as one of them.")
    if not path.is_file():
        raise SceneError(f"{where}: the file {name!r} is missing from {folder}.")
    return path
