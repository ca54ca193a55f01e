"""Facts of a question's views from fresh measures of its scene."""

from generation.audit.facts import Facts
from generation.audit.measure import SceneMeasures
from generation.audit.wording import Unprovable
from generation.rows import THRESHOLDS


class SceneFacts(Facts):
    """The views `frames` (frame ids in the shown order) of a measured scene."""

    thresholds = THRESHOLDS

    def __init__(self, measures: SceneMeasures, frames: list[str]):
        self.measures, self.frames = measures, frames
        self.size = len(frames)
        self.labels = measures.labels
        self.slack_m = measures.surfaces.closest_slack_m

    def visibility(self, position: int, k: int) -> str:
        found = self.measures.visibility(self.frames[position], k)
        return "unclear" if found != "absent" and self.measures.moved(self.frames, k) else found

    def pixels(self, position: int, k: int) -> int:
        return self.measures.frame(self.frames[position])[k].visible

    def box(self, position: int, k: int) -> tuple[int, int, int, int] | None:
        return self.measures.frame(self.frames[position])[k].box

    def hidden_and_cut(self, position: int, k: int) -> tuple[float, float]:
        seen = self.measures.frame(self.frames[position])[k]
        return seen.occlusion, seen.truncation

    def sign(self, position: int, axis: str, a: int, b: int) -> int:
        return self.measures.sign(self.frames[position], axis, a, b)

    def centre_distance_m(self, position: int, k: int) -> float:
        return self.measures.centre_distance_m(self.frames[position], k)

    def closest_m(self, a: int, b: int) -> float:
        return self.measures.closest_m(min(a, b), max(a, b))

    def longest_m(self, k: int) -> float:
        longest_m = self.measures.longest_m(k)
        if longest_m is None:
            raise Unprovable(f"the {self.labels[k]} {k} leans")
        return longest_m

    def extent_error_m(self, k: int) -> float:
        return self.measures.extent_error_m(k)

    def view(self, position: int, k: int) -> dict:
        """What evidence should say of the thing in the view."""
        seen = self.measures.frame(self.frames[position])[k]
        return {
            "frame": position + 1,
            "visibility": self.visibility(position, k),
            "visible_box": seen.box and list(seen.box),
            "visible_pixels": seen.visible,
            "amodal_pixels": seen.amodal,
            "extended_pixels": seen.extended,
            "occlusion": seen.occlusion,
            "truncation": seen.truncation,
        }

    def viewpoint(self, position: int, k: int) -> dict:
        """What evidence should say of where the thing lies from the view's camera."""
        frame = self.frames[position]
        angles = self.measures.angles_deg(frame, k)
        across, down = ([None, None], [None, None]) if angles is None else angles.tolist()
        return {
            "horizontal_deg": across,
            "vertical_deg": down,
            "nearest_m": self.measures.nearest_m(frame, k),
            "mean_m": self.measures.mean_m(frame, k),
        }
