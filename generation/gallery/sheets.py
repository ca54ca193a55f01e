"""Pictures side by side on sheets."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dataset_builder.whole import write_file


INK, PAPER = "#1c1e21", "#ffffff"
CAPTION_PX = 24


def grid(pictures: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Pictures `(h, w, 3)` of one size, row by row: `(rows * h, columns * w, 3)`, white where none is left."""
    height, width, _ = pictures[0].shape
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, dtype=np.uint8)
    for k, picture in enumerate(pictures):
        y, x = k // columns * height, k % columns * width
        sheet[y : y + height, x : x + width] = picture
    return sheet


def captioned(picture: np.ndarray, text: str, width: int) -> np.ndarray:
    """A picture of `width` columns with a line of text below."""
    height = round(picture.shape[0] * width / picture.shape[1])
    image = Image.new("RGB", (width, height + CAPTION_PX), PAPER)
    image.paste(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))
    font = ImageFont.load_default(CAPTION_PX - 11)
    ImageDraw.Draw(image).text((width / 2, height + CAPTION_PX / 2), text, INK, font, anchor="mm")
    return np.asarray(image)


def write_png(sheet: np.ndarray, path: Path) -> None:
    """Write a sheet `(H, W, 3)`, `np.uint8`."""
    data = io.BytesIO()
    Image.fromarray(sheet).save(data, "PNG", optimize=True)
    write_file(path, data.getvalue())
