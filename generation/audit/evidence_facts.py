"""Facts of a question's views from its row's evidence alone: plain JSON, no scene."""

import json
import math

from generation.audit.facts import Facts
from generation.audit.margins import distance_sign, interval_sign
from generation.audit.wording import Unprovable


# Evidence has five decimals
ROUNDING = 2e-5
ROLES = ("targets", "references", "others")
# What a damaged or foreign evidence may raise wherever it is read
UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError)


class EvidenceFacts(Facts):
    """The views that a row's evidence speaks of.

    Raises:
        [`Unprovable`]: the evidence cannot be read, or a view of a thing is missing.
    """

    slack_m = ROUNDING

    def __init__(self, row: dict):
        try:
            self.evidence = json.loads(row["evidence"])
            self.size = len(row["frames"])
            self.thresholds = self.evidence["thresholds"]
            self.numbers = self.evidence["numbers"]
            self.ids = {role: tuple(thing["instance_id"] for thing in self.evidence[role]) for role in ROLES}
            self.things = {thing["instance_id"]: thing for role in ROLES for thing in self.evidence[role]}
            self.labels = {k: thing["label"] for k, thing in self.things.items()}
            self.views = {k: {view["frame"]: view for view in thing["views"]} for k, thing in self.things.items()}
        except UNREADABLE as error:
            raise Unprovable(f"the evidence cannot be read ({error!r})") from error
        for k, views in self.views.items():
            if sorted(views) != list(range(1, self.size + 1)):
                raise Unprovable(f"the evidence has the views {sorted(views)} of the {self.labels[k]} {k}")

    @property
    def asked(self) -> int | None:
        return None if self.evidence["asked_frame"] is None else self.evidence["asked_frame"] - 1

    def view(self, position: int, k: int) -> dict:
        return self.views[k][position + 1]

    def visibility(self, position: int, k: int) -> str:
        return self.view(position, k)["visibility"]

    def pixels(self, position: int, k: int) -> int:
        return self.view(position, k)["visible_pixels"]

    def box(self, position: int, k: int) -> tuple[int, int, int, int] | None:
        box = self.view(position, k)["visible_box"]
        return box and tuple(box)

    def hidden_and_cut(self, position: int, k: int) -> tuple[float, float]:
        view = self.view(position, k)
        return view["occlusion"], view["truncation"]

    def sign(self, position: int, axis: str, a: int, b: int) -> int:
        if position != self.asked:
            raise Unprovable(f"the evidence tells no direction in Frame {position + 1}")
        one, two = self.things[a]["viewpoint"], self.things[b]["viewpoint"]
        if None in (*one["horizontal_deg"], *two["horizontal_deg"]):
            return 0  # behind the camera, in part at least
        if axis == "fb":
            near_and_mean = [(place["nearest_m"], place["mean_m"]) for place in (one, two)]
            return distance_sign(*near_and_mean, self.thresholds, ROUNDING)
        key = {"lr": "horizontal_deg", "ab": "vertical_deg"}[axis]
        return interval_sign(one[key], two[key], self.thresholds, ROUNDING)

    def centre_distance_m(self, position: int, k: int) -> float:
        return self.numbers["distance_m"]

    def closest_m(self, a: int, b: int) -> float:
        return self.numbers["distance_m"]

    def longest_m(self, k: int) -> float:
        return self.numbers["longest_m"]

    def extent_error_m(self, k: int) -> float:
        error_m = self.things[k]["extent_error_m"]
        return math.inf if error_m is None else error_m
