"""Pictures of all that scenes are made of: `python -m generation.gallery [--out runs/gallery] [--seed 0]`.

Writes to the folder `--out`

- `categories/<category>.png`: four of a category, of different variants where it has some, without its name;
- `overview.png`: one of each category with its name;
- `rooms.png` and `streets.png`: a photo of each of twelve rooms and streets.

The same seed gives the same pictures.
"""

import argparse
from pathlib import Path

import numpy as np

from dataset_builder.progress import progress_bar
from generation.gallery.scenes import photos
from generation.gallery.sheets import captioned, grid, write_png
from generation.gallery.studio import portraits
from generation.rng import stage_rng
from generation.scenes import SOURCES
from generation.scenes.procedural.asset import Category
from generation.scenes.procedural.catalogue import CATEGORIES


SHOWN, PORTRAIT_PX = 4, (200, 240)
OVERVIEW_COLUMNS, OVERVIEW_PX = 12, 150
SCENES, SCENE_COLUMNS, SCENE_PX = 12, 4, 480
SCENE_SHEETS = {"rooms": "procedural", "streets": "streets"}


def category_pictures(category: Category, seed: int) -> list[np.ndarray]:
    """Portraits of `SHOWN` objects, its variants in turn."""
    variants = category.variants or (None,)
    assets = [
        category.build(stage_rng(seed, category.label, str(k)), variants[k % len(variants)]) for k in range(SHOWN)
    ]
    return portraits(category, assets, PORTRAIT_PX, seed)


def write_gallery(out: Path, seed: int, categories: dict[str, Category], sources: list[str]) -> None:
    """Write the sheets of `categories` and of those `SCENE_SHEETS` whose source is one of `sources`."""
    overview = []
    with progress_bar("Gallery", len(categories) + len(SCENE_SHEETS), "sheets") as advance:
        for label, category in categories.items():
            pictures = category_pictures(category, seed)
            write_png(grid(pictures, SHOWN), out / "categories" / f"{label.replace(' ', '_')}.png")
            overview.append(captioned(pictures[0], label, OVERVIEW_PX))
            advance(1)
        write_png(grid(overview, OVERVIEW_COLUMNS), out / "overview.png")
        for name, source in SCENE_SHEETS.items():
            if source in sources:
                write_png(grid(photos(source, seed, SCENES, SCENE_PX), SCENE_COLUMNS), out / f"{name}.png")
            advance(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/gallery"), help="folder for the pictures")
    parser.add_argument("--seed", type=int, default=0, help="fixes what is shown")
    arguments = parser.parse_args()
    write_gallery(arguments.out, arguments.seed, CATEGORIES, list(SOURCES))
