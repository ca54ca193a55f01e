"""A folder of one's own GLB, glTF or OBJ files as categories of the procedural rooms (docs/own_assets.md).

A label that the catalogue has replaces the catalogue's things; another is added, and goes where its row says.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from generation.content import content_digest
from generation.scenes.base import SceneError
from generation.scenes.procedural.asset import Asset, Category, Part, Surface
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.catalogue.assembly import from_ceiling, on_wall, standing
from generation.scenes.procedural.habits import SOFT_HOSTS
from generation.scenes.procedural.own_labels import Row, read_rows
from generation.scenes.procedural.own_meshes import (
    UNITS_M,
    asset_from_file,
    count_pieces,
    level_top,
    make_parts,
    read_geometries,
)


# Least and most longest side of a thing, by where it goes, metres; labels of the catalogue have their own
SIDES_M = {
    "floor": (0.15, 4.0), "wall_side": (0.2, 4.0), "surface": (0.01, 1.0), "wall": (0.04, 3.0), "ceiling": (0.08, 2.0),
    "rug": (0.4, 6.0),
}  # fmt: skip
SLACK = 2.0  # how far beyond the sizes of the catalogue a thing of the same label may go
MAX_RUG_M = 0.06
MAX_PIECES = 2_000


@dataclass(frozen=True, eq=False)
class OwnAsset:
    """One mesh, ready for rooms: as the file has it, or at its least height, and up to `stretch` times as large."""

    asset: Asset
    stretch: float


def own_catalogue(folder: Path | None) -> dict[str, Category]:
    """The catalogue by label, with the things of `folder`, if given, in place of those of the same label.

    Raises:
        [`SceneError`]: for the first rule that a row or a file breaks; the message names both.
    """
    return CATEGORIES if folder is None else CATEGORIES | _categories(folder, content_digest(folder))


@lru_cache(maxsize=4)
def _categories(folder: Path, _: str) -> dict[str, Category]:
    by_label = defaultdict(dict)
    for row in read_rows(folder):
        by_label[row.label][row.path.relative_to(folder.resolve()).as_posix()] = (row, _own_asset(row))
    return {label: _category(label, found) for label, found in by_label.items()}


def _category(label: str, found: dict[str, tuple[Row, OwnAsset]]) -> Category:
    """One variant for each mesh of the label."""
    place = next(iter(found.values()))[0].place
    sides = [factor * np.ptp(own.asset.bounds, axis=0) for _, own in found.values() for factor in (1.0, own.stretch)]
    size_m = (tuple(np.min(sides, axis=0).tolist()), tuple(np.max(sides, axis=0).tolist()))

    def make(rng: np.random.Generator, variant: str) -> Asset:
        _, own = found[variant]
        return _scaled(own.asset, float(rng.uniform(1.0, own.stretch)))

    return Category(label, place, make, size_m, tuple(found))


def _own_asset(row: Row) -> OwnAsset:
    """Read and check the mesh of a row."""
    known = CATEGORIES.get(row.label)
    if known is not None and known.place != row.place:
        raise SceneError(
            f"{row.where}: a {row.label} goes {known.place!r} in this project's rooms, not {row.place!r}. "
            "Use that place, or another label."
        )
    geometries = read_geometries(row.path)
    turn = asset_from_file(f"+{row.up}", row.front)
    corners = np.concatenate([one.vertices[one.faces].reshape(-1, 3) for one in geometries]) @ turn.T
    extent = np.ptp(corners, axis=0)
    if row.height_m is None:
        unit_m, stretch = UNITS_M[row.unit], 1.0
    elif extent[2] > 0:
        unit_m, stretch = row.height_m[0] / extent[2], row.height_m[1] / row.height_m[0]
    else:
        raise SceneError(f"{row.where}: the mesh is flat, so it cannot have `height_m`. Check `up`, or use `unit`.")
    for factor in (unit_m, unit_m * stretch):
        _check_size(row, extent, factor)
    parts = make_parts(geometries, turn, unit_m)
    pieces = sum(count_pieces(part) for part in parts)
    if pieces > MAX_PIECES:
        raise SceneError(
            f"{row.where}: {row.path.name} falls into {pieces:,} loose pieces; at most {MAX_PIECES:,} are allowed, "
            "since each is kept apart from all other things. Join them in a mesh editor."
        )
    return OwnAsset(_with_top(row, _anchored(row, parts)), stretch)


def _check_size(row: Row, extent: np.ndarray, unit_m: float) -> None:
    """Refuse a size that such a thing cannot have, and say which unit the file may be in."""
    least, most = SIDES_M[row.place]
    if row.label in CATEGORIES:
        smallest, largest = CATEGORIES[row.label].size_m
        least, most = max(smallest) / SLACK, max(largest) * SLACK
    if row.place == "rug" and least <= extent.max() * unit_m <= most and extent[2] * unit_m > MAX_RUG_M:
        raise SceneError(
            f"{row.where}: {row.path.name} is {_sides(extent * unit_m)}, too high for a rug of {MAX_RUG_M} m at most. "
            "Check `up`, or use another place."
        )
    if least <= extent.max() * unit_m <= most:
        return
    fitting = [unit for unit, metres in UNITS_M.items() if least <= extent.max() * metres <= most]
    likely = min(
        fitting, key=lambda unit: abs(np.log(extent.max() * UNITS_M[unit] / np.sqrt(least * most))), default=None
    )
    remedy = "Give its true height in metres as `height_m`."
    if row.height_m is None and likely is not None:
        remedy = f"If the file's unit is {likely!r}, it is {_sides(extent * UNITS_M[likely])}: set `unit`. Or else: "
        remedy += "give its true height in metres as `height_m`."
    raise SceneError(
        f"{row.where}: {row.path.name} is {_sides(extent * unit_m)} (width x depth x height), but the longest side of "
        f"a {row.label} must be {least:.3g} to {most:.3g} m. {remedy}"
    )


def _sides(size_m: np.ndarray) -> str:
    return " x ".join(f"{side:.3g}" for side in size_m) + " m"


def _anchored(row: Row, parts: tuple[Part, ...]) -> Asset:
    if row.place == "wall":
        return on_wall(row.label, parts)
    return from_ceiling(row.label, parts) if row.place == "ceiling" else standing(row.label, parts)


def _with_top(row: Row, asset: Asset) -> Asset:
    """The thing with the surface on which others may stand, if the row says so, or else the catalogue."""
    known = CATEGORIES.get(row.label)
    # Groups of furniture set lamps and monitors on these, and need a surface to set them on; pillows can be left out
    must = known is not None and row.label not in SOFT_HOSTS and bool(known.build(np.random.default_rng(0)).surfaces)
    if must and row.carries == "no":
        raise SceneError(
            f"{row.where}: rooms set other things on a {row.label}. Set `carries` to yes, or leave it out."
        )
    if not must and row.carries != "yes":
        return asset
    top = level_top(asset.parts)
    if top is None:
        remedy = "use a label that the catalogue lacks" if must else "set `carries` to no"
        raise SceneError(
            f"{row.where}: {row.path.name} has no level top on which others could stand. Check `up`, or {remedy}."
        )
    return replace(asset, surfaces=(top,))


def _scaled(asset: Asset, factor: float) -> Asset:
    def times(interval: tuple[float, float]) -> tuple[float, float]:
        return interval[0] * factor, interval[1] * factor

    parts = (replace(p, vertices=factor * p.vertices, texcoords=factor * p.texcoords) for p in asset.parts)
    surfaces = (Surface(times(s.x), times(s.y), factor * s.z, factor * s.clearance_m) for s in asset.surfaces)
    return Asset(asset.label, tuple(parts), tuple(surfaces))
