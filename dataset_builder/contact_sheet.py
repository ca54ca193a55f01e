"""Pictures of a dataset: for each task a question with its views, the boxes of what it is about, and the answer."""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from dataset_builder.errors import DatasetError
from dataset_builder.evidence import ShownBox, shown_boxes, shown_pixels
from dataset_builder.reader import PIXELS, load_rows, load_statistics
from dataset_builder.schema import LETTERS


WIDTH, MARGIN, GAP = 1600, 32, 12
MAX_VIEW_WIDTH = 504
INK, FAINT, PAPER, RULE = "#1c1e21", "#60666d", "#ffffff", "#d5d9de"
# Orange and blue stay apart for colour-blind readers
COLORS = {"target": "#e8590c", "reference": "#1971c2"}
ANSWER, ASKED = "#2b8a3e", "#f59f00"
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 28, 24, 18
JPEG_QUALITY = 85


def contact_sheet(folder: Path, path: Path, images_root: Path | None = None) -> None:
    """Draw one question of each task that the dataset has, 1600 pixels wide, as a PNG file.

    Of each task the question is taken whose targets and references are seen best, with 3 or 4 views if there is one.

    Args:
        folder (`Path`): a folder made by `write_dataset`.
        path (`Path`): where the picture goes.
        images_root (`Path`, *optional*): see `load_rows`.

    Raises:
        [`DatasetError`]: if `folder` is no dataset, or all of its rows are without pixels.
    """
    rows = list(_chosen_rows(Path(folder), images_root))
    if not rows:
        raise DatasetError(f"{folder} has no row with pixels to draw. Give your copy of its source as `images_root`.")
    blocks = [_legend(), *(_block(row) for row in rows)]
    sheet = Image.new("RGB", (WIDTH, sum(block.height for block in blocks)), PAPER)
    top = 0
    for block in blocks:
        sheet.paste(block, (0, top))
        top += block.height
    _save(sheet, Path(path), "PNG")


def task_pictures(folder: Path, pictures: Path) -> dict[str, Path]:
    """Draw the questions of `contact_sheet`, each as a JPEG file `<task>.jpg`, from the pixels of the dataset itself.

    Args:
        folder (`Path`): a folder made by `write_dataset`.
        pictures (`Path`): folder for the files.

    Returns:
        `dict[str, Path]`: the files by task; without those tasks of which no row has pixels.

    Raises:
        [`DatasetError`]: if `folder` is no dataset.
    """
    drawn = {}
    for row in _chosen_rows(Path(folder)):
        drawn[row["task"]] = Path(pictures) / f"{row['task']}.jpg"
        _save(_block(row), drawn[row["task"]], "JPEG", quality=JPEG_QUALITY)
    return drawn


def _save(picture: Image.Image, path: Path, kind: str, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        picture.save(partial, kind, **options)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _chosen_rows(folder: Path, images_root: Path | None = None) -> Iterator[dict]:
    for config in load_statistics(folder)["configs"]:
        rows = load_rows(folder, config, columns=["id", "frames", "evidence", PIXELS])
        drawable = (row for row in rows if images_root or row["images"])
        best = max(drawable, key=_legibility, default=None)
        if best:
            yield from load_rows(folder, config, ids={best["id"]}, images_root=images_root)


def _legibility(row: dict) -> tuple:
    return len(row["frames"]) in {3, 4}, shown_pixels(json.loads(row["evidence"])), row["id"]


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


class _Canvas:
    """Draws downwards from the top and is cut to what was used."""

    def __init__(self):
        self.image = Image.new("RGB", (WIDTH, 3000), PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.top = MARGIN

    def text(self, text: str, size: int, color: str = INK) -> None:
        """A paragraph, broken into lines at spaces."""
        font, line = _font(size), ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > WIDTH - 2 * MARGIN:
                self._line(line, font, color)
                line = word
            else:
                line = longer
        self._line(line, font, color)

    def _line(self, line: str, font: ImageFont.FreeTypeFont, color: str) -> None:
        self.draw.text((MARGIN, self.top), line, font=font, fill=color)
        self.top += round(1.35 * font.size)

    def finish(self) -> Image.Image:
        return self.image.crop((0, 0, WIDTH, self.top + MARGIN // 2))


def _legend() -> Image.Image:
    canvas = _Canvas()
    left = MARGIN
    for text, color in (
        ("target", COLORS["target"]),
        ("reference", COLORS["reference"]),
        ("frame that is asked about", ASKED),
        ("right option", ANSWER),
    ):
        canvas.draw.rectangle((left, canvas.top + 2, left + 18, canvas.top + 20), fill=color)
        canvas.draw.text((left + 26, canvas.top), text, font=_font(SMALL_SIZE), fill=FAINT)
        left += 60 + round(_font(SMALL_SIZE).getlength(text))
    canvas.top += SMALL_SIZE
    return canvas.finish()


def _block(row: dict) -> Image.Image:
    evidence = json.loads(row["evidence"])
    canvas = _Canvas()
    canvas.draw.line((MARGIN, 0, WIDTH - MARGIN, 0), fill=RULE, width=2)
    canvas.text(f"{row['task']} / {row['question_type']}", TITLE_SIZE)
    _draw_views(canvas, row, evidence)
    canvas.text(row["question"], TEXT_SIZE)
    _draw_options(canvas, row)
    canvas.text(_facts(row), SMALL_SIZE, FAINT)
    return canvas.finish()


def _facts(row: dict) -> str:
    """How hard a question is, as far as its row says, and where it stands."""
    known = {name: value for name, value in row.items() if value is not None}
    templates = {
        "occlusion {occlusion_avg:.2f} ({occ_level})": {"occlusion_avg", "occ_level"},
        "overlap {overlap_avg:.1f} % ({overlap_level})": {"overlap_avg", "overlap_level"},
        "truncation {truncation_avg:.2f}": {"truncation_avg"},
        "{vis_level}": {"vis_level"},
        "{gt_scenario}": {"gt_scenario"},
        "scene {scene_name} · row {id}": {"scene_name", "id"},
    }
    return " · ".join(template.format(**known) for template, fields in templates.items() if fields <= set(known))


def _draw_views(canvas: _Canvas, row: dict, evidence: dict) -> None:
    """The views side by side, all equally wide, each under its name."""
    count = len(row["frames"])
    width = min(MAX_VIEW_WIDTH, (WIDTH - 2 * MARGIN - (count - 1) * GAP) // count)
    top, bottom = canvas.top + 6, canvas.top
    for k, boxes in enumerate(shown_boxes(evidence, count)):
        left = MARGIN + k * (width + GAP)
        canvas.draw.text((left, top), f"Frame {k + 1}", font=_font(TEXT_SIZE), fill=INK)
        view = _view(row["images"][k], width, boxes)
        corner = (left, top + TEXT_SIZE + 10)
        canvas.image.paste(view, corner)
        if evidence.get("asked_frame") == k + 1:
            right, low = corner[0] + view.width, corner[1] + view.height
            canvas.draw.rectangle((corner[0] - 5, corner[1] - 5, right + 4, low + 4), outline=ASKED, width=5)
        bottom = max(bottom, corner[1] + view.height)
    canvas.top = bottom + 14


def _view(image: bytes, width: int, boxes: list[ShownBox]) -> Image.Image:
    with Image.open(io.BytesIO(image)) as opened:
        scale = width / opened.width
        view = opened.convert("RGB").resize((width, round(scale * opened.height)), Image.Resampling.LANCZOS)
    draw, font = ImageDraw.Draw(view), _font(SMALL_SIZE)
    for shown in boxes:
        x0, y0, x1, y1 = (scale * side for side in shown.box)
        draw.rectangle((x0, y0, max(x1 - 1, x0), max(y1 - 1, y0)), outline=COLORS[shown.role], width=3)
        # the name stands above the box, or inside it at the image's upper border
        x, y = min(x0, view.width - font.getlength(shown.label) - 6), y0 - 24 if y0 >= 24 else y0
        draw.rectangle((x, y, x + font.getlength(shown.label) + 6, y + 23), fill=COLORS[shown.role])
        draw.text((x + 3, y + 1), shown.label, font=font, fill=PAPER)
    return view


def _draw_options(canvas: _Canvas, row: dict) -> None:
    """The options in one flow, the right one on a coloured ground; the answer itself where there are none."""
    font = _font(TEXT_SIZE)
    options = row["options"] if row["mc_answer"] else [row["ground_truth"]]
    right = LETTERS.index(row["mc_answer"]) if row["mc_answer"] else 0
    left, height = MARGIN, TEXT_SIZE + 16
    canvas.top += 4
    for k, option in enumerate(options):
        width = font.getlength(option) + 24
        if left > MARGIN and left + width > WIDTH - MARGIN:
            left = MARGIN
            canvas.top += height + 6
        box = (left, canvas.top, left + width, canvas.top + height)
        canvas.draw.rounded_rectangle(box, 8, fill=ANSWER if k == right else None, outline=RULE)
        canvas.draw.text((left + 12, canvas.top + 5), option, font=font, fill=PAPER if k == right else INK)
        left += width + GAP
    canvas.top += height + 10
