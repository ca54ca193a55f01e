"""What a row's `evidence` says: the objects that take part, where each view shows them, why the answer holds."""

import json
import re
from collections import Counter
from dataclasses import dataclass


ROLES = ("target", "reference", "other")
ROLE_NAMES = {"target": "target", "reference": "reference", "other": "in a wrong option"}
# By axis, what a negative and a positive difference mean (ANNOTATION section 4)
AXES = {
    "lr": ("to the left of", "to the right of"),
    "ab": ("higher than", "lower than"),
    "fb": ("closer to the camera than", "farther from the camera than"),
}
PLACE = re.compile(r"\((\d+), ?(\d+)\)")
PINNED = re.compile(r"(\w[\w -]*?)\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Sighting:
    """One object in one view.

    Args:
        frame (`int`): number of the view, from 1.
        visibility (`str`): `"visible"`, `"unclear"` or `"absent"`.
        box (`tuple` of 4 `float`, *optional*): `(x0, y0, x1, y1)` of its visible pixels, pixels of the stored image.
        visible_pixels (`int`).
        occlusion, truncation (`float`, *optional*): share that other objects hide, and that lies outside the image.
    """

    frame: int
    visibility: str
    box: tuple[float, float, float, float] | None
    visible_pixels: int
    occlusion: float | None
    truncation: float | None

    @property
    def summary(self) -> str:
        """For people: how much of the object is hidden and cut, or that it is not seen."""
        if self.visibility != "visible":
            behind = self.truncation is not None and self.truncation < 1
            return "barely visible" if self.visibility == "unclear" else "fully hidden" if behind else "out of view"
        parts = [(self.occlusion, "hidden"), (self.truncation, "cut off")]
        told = [f"{percent(share)} {what}" for share, what in parts if share]
        return ", ".join(told) or "whole"


@dataclass(frozen=True)
class Subject:
    """One object that takes part in a question; its `name` tells it from others of its category."""

    instance_id: int
    label: str
    name: str
    role: str
    sightings: tuple[Sighting, ...]
    viewpoint: dict | None


@dataclass(frozen=True)
class Point:
    """A place in a view that the question or an option names, in pixels of the stored image."""

    frame: int
    x: float
    y: float
    name: str
    is_answer: bool = False


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "<1 %"


def read_subjects(evidence: dict) -> list[Subject]:
    """The objects of an evidence, targets first; none for imported records, which have no evidence of their own."""
    found = [(role, item) for role in ROLES for item in evidence.get(f"{role}s", [])]
    same = Counter(item["label"] for _, item in found)
    return [
        Subject(
            instance_id=item["instance_id"],
            label=item["label"],
            name=f"{item['label']} #{item['instance_id']}" if same[item["label"]] > 1 else item["label"],
            role=role,
            sightings=tuple(_sighting(view) for view in item["views"]),
            viewpoint=item.get("viewpoint"),
        )
        for role, item in found
    ]


def _sighting(view: dict) -> Sighting:
    box = view["visible_box"]
    return Sighting(
        frame=view["frame"],
        visibility=view["visibility"],
        box=None if box is None else tuple(box),
        visible_pixels=view["visible_pixels"],
        occlusion=view["occlusion"],
        truncation=view["truncation"],
    )


def read_points(row: dict, answered: bool) -> list[Point]:
    """The points that the question and its options name, and the answer's own once it is asked for."""
    frame = json.loads(row["evidence"]).get("asked_frame")
    if frame is None:
        return []
    points = {
        (int(x), int(y)): Point(frame, int(x) + 0.5, int(y) + 0.5, words.split(" the ")[-1])
        for words, x, y in PINNED.findall(row["question"])
    }
    for option in row["options"] if row["task"] == "object_localization" else []:
        for x, y in PLACE.findall(option):
            right = answered and option[0] == row["mc_answer"]
            points[int(x), int(y)] = Point(frame, int(x) + 0.5, int(y) + 0.5, option[0], right)
    if answered and row["answer_format"] == "point":
        for x, y in PLACE.findall(row["ground_truth"]):
            points[int(x), int(y)] = Point(frame, int(x) + 0.5, int(y) + 0.5, "answer", True)
    return list(points.values())


def reasons(row: dict) -> list[str]:
    """Sentences from which the answer follows."""
    evidence = json.loads(row["evidence"])
    subjects, numbers = read_subjects(evidence), evidence.get("numbers", {})
    if "count" in numbers:
        return _counted(subjects, numbers)
    if "axis" in numbers or "axes" in numbers:
        axes = numbers.get("axes") or [numbers["axis"]]
        signs = numbers.get("signs") or [numbers["sign"]]
        return [line for axis, sign in zip(axes, signs, strict=True) for line in _compared(evidence, axis, sign)]
    if "distance_m" in numbers:
        return [f"The distance measured in the scene is {numbers['distance_m']:.2f} m."]
    if "longest_m" in numbers:
        return [f"The longest side measured in the scene is {100 * numbers['longest_m']:.1f} cm."]
    return _located(row, evidence, subjects)


def _counted(subjects: list[Subject], numbers: dict) -> list[str]:
    lines = []
    for subject in subjects:
        frames = [f"Frame {seen.frame}" for seen in subject.sightings if seen.visibility == "visible"]
        lines.append(f"{subject.name} is visible in {', '.join(frames) or 'no frame'}.")
    if "best_frame" in numbers:
        counts = ", ".join(f"Frame {k}: {n}" for k, n in enumerate(numbers["visible_per_frame"], 1))
        areas = ", ".join(f"Frame {k}: {n:,}" for k, n in enumerate(numbers["area_per_frame"], 1))
        lines.append(f"Visible instances by frame: {counts}. Their visible pixels: {areas}.")
        lines.append(f"Frame {numbers['best_frame']} shows the most.")
    return [*lines, f"That makes {numbers['count']}."]


def _compared(evidence: dict, axis: str, sign: int) -> list[str]:
    """Where both sides of a comparison lie in the asked frame's viewpoint."""
    subjects = [subject for subject in read_subjects(evidence) if subject.viewpoint]
    start = f"Seen from Frame {evidence['asked_frame']}, the"
    places = [f"{start} {subject.name} {_place(subject.viewpoint, axis)}." for subject in subjects]
    targets, references = (
        " and ".join(f"the {s.name}" for s in subjects if s.role == role) for role in ("target", "reference")
    )
    verb = "are" if sum(s.role == "target" for s in subjects) > 1 else "is"
    return [*places, f"So {targets} {verb} {AXES[axis][sign > 0]} {references}."]


def _place(viewpoint: dict, axis: str) -> str:
    if axis == "fb":
        return f"is {viewpoint['mean_m']:.2f} m away on average ({viewpoint['nearest_m']:.2f} m at its nearest)"
    low, high = viewpoint["horizontal_deg" if axis == "lr" else "vertical_deg"]
    words = ("left", "right") if axis == "lr" else ("up", "down")
    return f"spans {_angle(low, words)} to {_angle(high, words)}"


def _angle(degrees: float, words: tuple[str, str]) -> str:
    return f"{abs(degrees):.1f}° {words[degrees > 0]}"


def _located(row: dict, evidence: dict, subjects: list[Subject]) -> list[str]:
    lines = []
    for subject in subjects:
        for seen in subject.sightings:
            if seen.frame == evidence["asked_frame"] and subject.role == "target":
                lines.append(f"In Frame {seen.frame} the {subject.name} is {seen.summary}.")
    if row["bbox_2d"]:
        x0, y0, x1, y1 = row["bbox_2d"]
        centre = f"({int(x0 + x1) // 2}, {int(y0 + y1) // 2})"
        lines.append(f"Its visible part spans x {x0:.0f}-{x1:.0f}, y {y0:.0f}-{y1:.0f}; its centre is {centre}.")
    return lines
