"""HTML of what the app shows of one row; every text of the row is escaped."""

import base64
import io
import json
from html import escape
from pathlib import Path

from drawing import ANSWER, COLORS, POINT, draw_view
from evidence import ROLE_NAMES, Point, Subject, read_subjects, reasons
from PIL import Image


JPEG_QUALITY = 92
OVERLAYS = ("Boxes", "Points", "Occlusion", "Map")


def views(row: dict, points: list[Point], overlays: list[str]) -> str:
    """The views side by side, each under its name, with what `overlays` ask for."""
    subjects = read_subjects(json.loads(row["evidence"]))
    asked = json.loads(row["evidence"]).get("asked_frame")
    figures = [_view(row, k, asked == k, subjects, points, overlays) for k in range(1, len(row["frames"]) + 1)]
    return f'<div class="sm-views">{"".join(figures)}</div>{_legend(subjects, points, overlays)}'


def _view(row: dict, frame: int, asked: bool, subjects: list[Subject], points: list[Point], overlays) -> str:
    name = f'<b>Frame {frame}</b> <span class="sm-faint">{escape(row["frames"][frame - 1])}</span>'
    badge = '<span class="sm-badge">asked about</span>' if asked else ""
    picture = '<div class="sm-blank">no photo</div>'
    if row["images"]:
        picture = _picture(row["images"][frame - 1], frame, subjects, points, overlays)
    told = _told(subjects, frame) if "Occlusion" in overlays else ""
    kind = "sm-view sm-asked" if asked else "sm-view"
    return f'<figure class="{kind}"><figcaption>{name}{badge}</figcaption>{picture}{told}</figure>'


def _picture(image: bytes, frame: int, subjects: list[Subject], points: list[Point], overlays) -> str:
    boxes, occlusion = "Boxes" in overlays, "Occlusion" in overlays
    drawn = [point for point in points if point.frame == frame and "Points" in overlays]
    try:
        if boxes or occlusion or drawn:
            picture = draw_view(image, frame, subjects, drawn, boxes=boxes, occlusion=occlusion)
            return _image(picture, f"Frame {frame}", "JPEG", quality=JPEG_QUALITY)
        with Image.open(io.BytesIO(image)) as opened:  # as it is stored
            return _tag(image, opened.get_format_mimetype(), opened.size, f"Frame {frame}")
    except OSError as error:
        return f'<div class="sm-blank">The stored image cannot be read ({escape(str(error))}).</div>'


def _image(picture: Image.Image, alt: str, kind: str, **options) -> str:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return _tag(stream.getvalue(), f"image/{kind.lower()}", picture.size, alt)


def _tag(data: bytes, mimetype: str, size: tuple[int, int], alt: str) -> str:
    source = f"data:{mimetype};base64,{base64.b64encode(data).decode()}"
    return f'<img src="{source}" width="{size[0]}" height="{size[1]}" alt="{escape(alt)}">'


def _told(subjects: list[Subject], frame: int) -> str:
    """A line for each object that the view shows, and one for all others that share a reason."""
    shown, rest = [], {}
    for subject in subjects:
        for seen in subject.sightings:
            if seen.frame == frame and seen.visibility == "visible":
                text = f"<b>{escape(subject.name)}</b> {escape(seen.summary)}"
                shown.append(f'<li class="sm-{subject.role}">{text}</li>')
            elif seen.frame == frame:
                rest.setdefault(seen.summary, []).append(subject.name)
    shown += [f'<li class="sm-faint">{escape(why)}: {escape(", ".join(names))}</li>' for why, names in rest.items()]
    return f'<ul class="sm-told">{"".join(shown)}</ul>'


def _legend(subjects: list[Subject], points: list[Point], overlays: list[str]) -> str:
    items = []
    if {"Boxes", "Occlusion", "Map"} & set(overlays):
        held = {subject.role for subject in subjects}
        items += [f'<li class="sm-{role}">{name}</li>' for role, name in ROLE_NAMES.items() if role in held]
    if "Points" in overlays and points:
        items.append('<li class="sm-point">point that the question or an option names</li>')
    return f'<ul class="sm-legend">{"".join(items)}</ul>' if items else ""


def question(row: dict) -> str:
    """The question and the facts about its views; nothing that gives the answer away."""
    facts = [
        f"{row['task']} / {row['question_type']}",
        _level("occlusion", row["occ_level"], row["occlusion_avg"], 100),
        _level("overlap", row["overlap_level"], row["overlap_avg"], 1),
        _level("cut off", None, row["truncation_avg"], 100),
        row["vis_level"],
        row["gt_scenario"],
        f"{row['dataset']}, {row['domain']}, {row['scene_name']}",
    ]
    chips = "".join(f"<li>{escape(fact)}</li>" for fact in facts if fact)
    return f'<h2 class="sm-question">{escape(row["question"])}</h2><ul class="sm-chips">{chips}</ul>'


def _level(name: str, level: str | None, mean: float | None, scale: float) -> str | None:
    parts = [level, None if mean is None else f"{scale * mean:.0f} %"]
    return f"{name} {', '.join(part for part in parts if part)}" if any(parts) else None


def answer(row: dict, chosen: str | None) -> str:
    """The right answer, and whether `chosen` (an option, or what a person typed) is it."""
    truth = next((text for text in row["options"] if text[0] == row["mc_answer"]), row["ground_truth"])
    verdict = ""
    if chosen and row["options"]:
        verdict = "✓ Right. " if chosen == truth else f"✗ You chose {escape(chosen)}. "
    elif chosen:
        verdict = f"You said {escape(chosen)}. "
    return f'<div class="sm-answer" role="status">{verdict}Answer: <b>{escape(truth)}</b></div>'


def evidence(row: dict) -> str:
    """Why the answer holds: sentences, a table of what each view shows of each object, the rules' thresholds."""
    found = json.loads(row["evidence"])
    subjects = read_subjects(found)
    if not subjects:
        return f'<p class="sm-faint">This row was made elsewhere and says nothing of its evidence.</p>{_raw(row)}'
    lines = "".join(f"<li>{escape(line)}</li>" for line in reasons(row))
    thresholds = "".join(
        f"<tr><th>{escape(name.replace('_', ' '))}</th><td>{escape(str(value))}</td></tr>"
        for name, value in found.get("thresholds", {}).items()
    )
    rules = f"<details><summary>Thresholds of the rules</summary><table>{thresholds}</table></details>"
    return (
        f'<h3>Evidence</h3><ul class="sm-reasons">{lines}</ul>{_table(subjects, len(row["frames"]))}{rules}{_raw(row)}'
    )


def _table(subjects: list[Subject], num_views: int) -> str:
    head = "".join(f"<th>Frame {k}</th>" for k in range(1, num_views + 1))
    rows = []
    for subject in subjects:
        cells = []
        for seen in subject.sightings:
            pixels = f'<br><span class="sm-faint">{seen.visible_pixels:,} px</span>' if seen.visible_pixels else ""
            cells.append(f'<td class="sm-{seen.visibility}">{escape(seen.summary)}{pixels}</td>')
        role = f'<span class="sm-faint">{ROLE_NAMES[subject.role]}</span>'
        rows.append(f'<tr><th class="sm-{subject.role}">{escape(subject.name)}<br>{role}</th>{"".join(cells)}</tr>')
    return f'<div class="sm-scroll"><table><tr><th>object</th>{head}</tr>{"".join(rows)}</table></div>'


def _raw(row: dict) -> str:
    text = json.dumps(json.loads(row["evidence"]), indent=1)
    return f"<details><summary>As stored (JSON)</summary><pre>{escape(text)}</pre></details>"


def floor_map(picture: Image.Image) -> str:
    """The map, with how to read it."""
    caption = "From above: a wedge is what a view looks at, with its number; the frame that is asked about is amber."
    return (
        f'<figure class="sm-map">{_image(picture, "Map from above", "PNG")}<figcaption>{caption}</figcaption></figure>'
    )


def notice(text: str) -> str:
    """A sentence of the app itself."""
    return f'<p class="sm-notice" role="status">{escape(text)}</p>'


def aside(text: str) -> str:
    """A sentence of the app that may be passed over."""
    return f'<p class="sm-faint">{escape(text)}</p>'


def status(number: int, count: int) -> str:
    """Which of the questions that the filters leave is shown."""
    return f'<p class="sm-status" role="status"><b>{number:,}</b> of {count:,} questions</p>'


def header(location: str, statistics: dict) -> str:
    """What the app is looking at."""
    scenes = sum(statistics["scenes"].values())
    # where a folder lies on the server is nobody's business
    name = Path(location).resolve().name if Path(location).is_dir() else location
    return (
        f'<header class="sm-header"><h1>SpatialMosaic</h1><p class="sm-faint">{escape(name)}: '
        f"{statistics['rows']:,} questions about {scenes:,} scenes, each over 2 to 5 views, in no order, of one "
        "place. Try to answer, then look at the evidence.</p></header>"
    )


def keys(overlays: list[str]) -> str:
    """The keys of `keys.js`."""
    known = {"← →": "step", "R": "random", "1-4": "choose", "A": "answer", **{name[0]: name for name in overlays}}
    return '<p class="sm-keys">' + " ".join(f"<kbd>{key}</kbd> {what.lower()}" for key, what in known.items()) + "</p>"


def role_colors() -> str:
    """CSS variables of the colours that `drawing` uses."""
    colors = {**COLORS, "point": POINT, "answer": ANSWER}
    return f":root {{ {' '.join(f'--sm-{name}: {color};' for name, color in colors.items())} }}\n"
