"""Reads the `evidence` of a row: which boxes to draw on its views, and how well a person can see what it is about.

Rows made elsewhere may have evidence without objects; nothing is drawn for them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShownBox:
    """An object that takes part in a question, where a view shows it.

    Args:
        role (`str`): `"target"` or `"reference"`.
        label (`str`): category of the object.
        box (`tuple` of 4 `float`): tight box `(x0, y0, x1, y1)` of its visible pixels, pixels of the stored image.
    """

    role: str
    label: str
    box: tuple[float, float, float, float]


def shown_boxes(evidence: dict, num_views: int) -> list[list[ShownBox]]:
    """Boxes of the visible targets and references in every view, in the order shown."""
    boxes: list[list[ShownBox]] = [[] for _ in range(num_views)]
    for role in ("target", "reference"):
        for subject in evidence.get(f"{role}s", ()):
            for view in subject["views"]:
                if view["visibility"] == "visible":
                    boxes[view["frame"] - 1].append(ShownBox(role, subject["label"], tuple(view["visible_box"])))
    return boxes


def shown_pixels(evidence: dict) -> int:
    """Visible pixels of the least visible target or reference, in the view that shows it best."""
    subjects = [*evidence.get("targets", ()), *evidence.get("references", ())]
    return min((max(view["visible_pixels"] for view in subject["views"]) for subject in subjects), default=0)
