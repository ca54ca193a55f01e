"""The small pretrained model that comes with the package, in `small/`: the best of the geometry study.

    python -m modeling_spatialmosaic.pretrained runs/geometry_study/report/model

puts a new one there. The folder holds no code: its code is this package.
"""

import json
import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import torch

from .modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from .processing_spatialmosaic import SpatialMosaicProcessor


SMALL = Path(str(files("modeling_spatialmosaic") / "small"))
CODE_KEY = "auto_map"  # of JSON files that name the code beside them


def unpack_small_model(output_dir: str | os.PathLike) -> None:
    """Write the small model, in float32, and its processor to a folder that the `Auto*` classes load anywhere."""
    model = SpatialMosaicForConditionalGeneration.from_pretrained(SMALL, dtype=torch.float32)
    model.save_pretrained(output_dir)
    SpatialMosaicProcessor.from_pretrained(SMALL).save_pretrained(output_dir)


def pack_small_model(folder: str | os.PathLike, small: Path = SMALL) -> None:
    """Copy a saved model to `small/`, without code and what names it."""
    unfinished = small.with_name(f"{small.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(folder, unfinished, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for path in unfinished.glob("*.json"):
        values = json.loads(path.read_text(encoding="utf-8"), object_hook=_without_code)
        path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    shutil.rmtree(small, ignore_errors=True)
    unfinished.rename(small)


def _without_code(values: dict) -> dict:
    return {key: value for key, value in values.items() if key != CODE_KEY}


if __name__ == "__main__":
    pack_small_model(*sys.argv[1:2])
