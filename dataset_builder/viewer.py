"""A web page of questions, for looking through a dataset; one file that needs nothing else."""

import base64
import io
import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from dataset_builder.evidence import shown_boxes
from dataset_builder.reader import load_rows
from dataset_builder.schema import FEATURES


TEMPLATE = Path(__file__).with_name("viewer.html")
# The page builds its own text, and nothing of the prompt is unknown to it
COLUMNS = [name for name in FEATURES if name not in {"prompt", "completion"}]


def write_page(
    folder: Path,
    path: Path,
    config: str | None = None,
    split: str | None = None,
    limit: int = 60,
    images_root: Path | None = None,
) -> None:
    """Write an HTML page that shows questions with their views, boxes, options, answers and evidence.

    Every image is embedded once, so the page works from a file, without a network.

    Args:
        folder (`Path`): a folder made by `write_dataset`.
        path (`Path`): where the page goes.
        config (`str`, *optional*): show this task alone.
        split (`str`, *optional*): show this split alone.
        limit (`int`, defaults to 60): number of questions, spread evenly over question types and over the scenes.
        images_root (`Path`, *optional*): see `load_rows`.

    Raises:
        [`DatasetError`]: if `folder` is no dataset, or has no rows of this config and split.
    """
    folder, path = Path(folder), Path(path)
    ids = _spread(list(load_rows(folder, config, split, columns=["id", "question_type"])), limit)
    page = _Page()
    for row in load_rows(folder, config, split, columns=COLUMNS, ids=ids, images_root=images_root):
        page.add(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(page.html(), encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _spread(rows: list[dict], limit: int) -> set[str]:
    """Ids of up to `limit` rows: types in turn, and of each type rows at equal distances in the stored order."""
    by_type: dict[str, list[str]] = {}
    for row in rows:
        by_type.setdefault(row["question_type"], []).append(row["id"])
    quota: Counter[str] = Counter()
    while quota.total() < min(limit, len(rows)):
        for question_type, ids in by_type.items():
            if quota[question_type] < len(ids) and quota.total() < limit:
                quota[question_type] += 1
    return {
        by_type[question_type][k * len(by_type[question_type]) // count]
        for question_type, count in quota.items()
        for k in range(count)
    }


class _Page:
    """The rows of a page, and its images, each under a number that rows refer to."""

    def __init__(self):
        self.rows: list[dict] = []
        self.images: dict[bytes, dict] = {}
        self.number: dict[bytes, int] = {}

    def add(self, row: dict) -> None:
        evidence = json.loads(row["evidence"])
        boxes = [[asdict(shown) for shown in view] for view in shown_boxes(evidence, len(row["frames"]))]
        images = row["images"] and [self._image(image) for image in row["images"]]
        self.rows.append({**row, "evidence": evidence, "boxes": boxes, "images": images})

    def _image(self, image: bytes) -> int:
        if image not in self.images:
            with Image.open(io.BytesIO(image)) as opened:
                kind, (width, height) = opened.get_format_mimetype(), opened.size
            uri = f"data:{kind};base64,{base64.b64encode(image).decode()}"
            self.images[image] = {"uri": uri, "width": width, "height": height}
            self.number[image] = len(self.number)
        return self.number[image]

    def html(self) -> str:
        data = json.dumps({"rows": self.rows, "images": list(self.images.values())}, separators=(",", ":"))
        # no "</script>" inside a row may end the script element
        return TEMPLATE.read_text(encoding="utf-8").replace("{{ data }}", data.replace("<", "\\u003c"))
