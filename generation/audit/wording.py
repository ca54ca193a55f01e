"""Reads questions and options as a person would: what is asked, about which frame, in which words."""

import re
from dataclasses import dataclass


# Word: axis and sign, where -1 is left, up or near
DIRECTIONS = {
    "to the left of": ("lr", -1),
    "to the right of": ("lr", 1),
    "higher than": ("ab", -1),
    "lower than": ("ab", 1),
    "closer to the camera than": ("fb", -1),
    "farther from the camera than": ("fb", 1),
}
_DIRECTION = "|".join(DIRECTIONS)
# A category, pinned by the centre of a box where it alone would not do; that may be its box in another frame
_NAME = r"[^()?]+(?:\(\d+,\d+\)(?: of Frame \d)?)?"
_NAME_IN_SET = r"[^()?]+(?:\(\d+,\d+\) of Frame \d)?"
_PINNED = re.compile(r"(?P<label>.+)\((?P<x>\d+),(?P<y>\d+)\)(?: of Frame (?P<frame>\d))?")
_DIRECTED_OPTION = re.compile(rf"(?P<one>{_DIRECTION}) and (?P<two>{_DIRECTION}) the (?P<reference>{_NAME})")

QUESTIONS = {
    "obj_count_occ": r"How many (?P<name>.+)\(s\) are visible across these frames\?",
    "obj_count_occ_na": r"How many (?P<name>.+)\(s\) are visible across these frames\?",
    "bestview_count_occ": (
        r"How many (?P<name>.+)\(s\) are visible across these frames\? "
        r"And tell me which frame provides the most informative view of the (?P=name)\(s\)\."
    ),
    "obj_localization_occ": (
        r"Is there an? (?P<name>.+) in Frame (?P<frame>\d)\? If so, what is the bounding box center coordinates of "
        r"its visible part, in pixels of the (?P<width>\d+)x(?P<height>\d+) image\?"
    ),
    "obj_localization_occ_na": (
        r"What are the \(x, y\) coordinates of the bounding box center of the visible part of the (?P<name>[^()]+) in "
        r"Frame (?P<frame>\d), in pixels of the (?P<width>\d+)x(?P<height>\d+) image\?"
    ),
    "obj_distance_occ_na": (
        rf"How far is the center of the (?P<target>{_NAME}) from the camera of Frame (?P<frame>\d), in meters\?"
    ),
    "obj_obj_distance_occ_na": (
        rf"What is the distance between the (?P<one>{_NAME_IN_SET}) and the (?P<other>{_NAME_IN_SET}), in meters, "
        r"measured between their closest points\?"
    ),
    "obj_size_occ_na": r"What is the length of the longest dimension of the (?P<name>[^()]+), in centimeters\?",
    "obj_existence_occ": (
        rf"In Frame (?P<frame>\d), is the (?P<target>{_NAME}) (?P<word>{_DIRECTION}) "
        rf"the (?P<reference>{_NAME}) in this viewpoint\?"
    ),
    "obj_attribute_occ": (
        rf"In Frame (?P<frame>\d), which object appears (?P<word>{_DIRECTION}) "
        rf"the (?P<reference>{_NAME}) in this viewpoint\?"
    ),
    "obj_spatial_occ": (
        rf"In Frame (?P<frame>\d), where does the (?P<target>{_NAME}) appear in this view "
        rf"relative to the (?P<reference>{_NAME})\?"
    ),
}


class Unprovable(Exception):
    """A question that has no answer, or not a single one: the message says why."""


@dataclass(frozen=True)
class Name:
    """How a text names an object: by its category, and by the centre of its box where that is given.

    The box is the one in the frame `frame` where that is given, else in the frame that is asked about.
    """

    label: str
    point: tuple[int, int] | None = None
    frame: int | None = None

    @classmethod
    def read(cls, text: str) -> "Name":
        pinned = _PINNED.fullmatch(text)
        if pinned is None:
            return cls(text)
        frame = None if pinned["frame"] is None else int(pinned["frame"])
        return cls(pinned["label"], (int(pinned["x"]), int(pinned["y"])), frame)

    def fits(self, label: str) -> bool:
        """Whether a person may call a thing of this category so: an armchair is a chair too."""
        return label.endswith(self.label)


def read_question(row: dict) -> dict[str, str]:
    """The parts of a row's question, by name.

    Raises:
        [`Unprovable`]: the text is not one of its question type.
    """
    kind = row["question_type"]
    pattern = QUESTIONS.get(kind) or QUESTIONS[kind.rpartition("_")[0]]  # one pattern for the three axes
    found = re.fullmatch(pattern, row["question"])
    if found is None:
        raise Unprovable(f"the question {row['question']!r} is not worded as one of type {kind}")
    parts = found.groupdict()
    if "word" in parts and DIRECTIONS[parts["word"]][0] != kind[-2:]:
        raise Unprovable(f"the question asks {parts['word']!r}, which is not of type {kind}")
    return parts


def option_texts(row: dict) -> list[str]:
    """The options without their letters."""
    return [option.partition(". ")[2] for option in row["options"] or ()]


def read_directed_option(text: str) -> tuple[list[tuple[str, int]], str]:
    """Both (axis, sign) and the reference of an option such as "To the left of and closer to ... than the mug"."""
    found = _DIRECTED_OPTION.fullmatch(text[:1].lower() + text[1:])
    if found is None:
        raise Unprovable(f"the option {text!r} does not name two directions and a reference")
    return [DIRECTIONS[found["one"]], DIRECTIONS[found["two"]]], found["reference"]
