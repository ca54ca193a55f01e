"""What an answer is proven from: numbers about the shown views, taken from the scene or from a row's evidence."""

from abc import ABC, abstractmethod

from generation.audit.wording import Name, Unprovable


class Facts(ABC):
    """The views of one question. Frames are positions 0 .. n-1 in the shown order, things are instance ids."""

    size: int
    labels: dict[int, str]
    thresholds: dict[str, float]
    slack_m: float  # how far lengths may be off

    @abstractmethod
    def visibility(self, position: int, k: int) -> str:
        """`"visible"`, `"unclear"` or `"absent"`."""

    @abstractmethod
    def pixels(self, position: int, k: int) -> int:
        """Visible pixels."""

    @abstractmethod
    def box(self, position: int, k: int) -> tuple[int, int, int, int] | None:
        """Tight box of the visible pixels, ends exclusive; `None` where nothing is seen."""

    @abstractmethod
    def hidden_and_cut(self, position: int, k: int) -> tuple[float, float]:
        """Occlusion and truncation."""

    @abstractmethod
    def sign(self, position: int, axis: str, a: int, b: int) -> int:
        """-1 when `a` lies left of, above or before `b` in the viewpoint, +1 for the opposite, 0 when undefined."""

    @abstractmethod
    def centre_distance_m(self, position: int, k: int) -> float:
        """From the view's camera to the centre of the thing's upright box."""

    @abstractmethod
    def closest_m(self, a: int, b: int) -> float:
        """Between the closest points of two things."""

    @abstractmethod
    def longest_m(self, k: int) -> float:
        """Longest side of the thing's upright box.

        Raises:
            [`Unprovable`]: it leans, so that others would measure something else.
        """

    @abstractmethod
    def extent_error_m(self, k: int) -> float:
        """How far the bounds of the thing may be off because no frame shows all of it."""

    def positions(self, k: int, visibility: str) -> list[int]:
        """Views in which the thing has this visibility."""
        return [position for position in range(self.size) if self.visibility(position, k) == visibility]

    def shown(self, k: int) -> bool:
        """Whether some view shows it."""
        return bool(self.positions(k, "visible"))

    def hinted(self, k: int) -> bool:
        """Whether some view shows it or may be taken to show it."""
        return len(self.positions(k, "absent")) < self.size

    def fitting(self, name: Name) -> list[int]:
        """Things that `name` may mean by its words alone, as far as the views hint at them."""
        return [k for k, label in self.labels.items() if name.fits(label) and self.hinted(k)]

    def members(self, name: Name) -> list[int]:
        """All things that `name` means, each shown by some view.

        Raises:
            [`Unprovable`]: there are none, or a person may or may not see one of them.
        """
        found = self.fitting(name)
        for k in found:
            if not self.shown(k):
                raise Unprovable(f"the {name.label} {k} is seen unclearly, and clearly in no view")
        if not found:
            raise Unprovable(f"no view shows a {name.label}")
        return found

    def named(self, position: int, text: str) -> int:
        """The one thing that `text` names in the view at `position`.

        Raises:
            [`Unprovable`]: it names none or several.
        """
        name = Name.read(text)
        if name.point is None:
            members = self.members(name)
            if len(members) > 1:
                raise Unprovable(f"{text!r} may be any of the things {members}")
            return members[0]
        if name.frame is not None:
            position = name.frame - 1
            if not 0 <= position < self.size:
                raise Unprovable(f"{text!r} names a frame that is not one of the {self.size}")
        at = [k for k in self.fitting(name) if _contains(self.box(position, k), name.point)]
        at = [k for k in at if self.visibility(position, k) != "absent"]
        if len(at) != 1 or centre(self.box(position, at[0])) != name.point:
            raise Unprovable(f"{text!r} is not the centre of one box in Frame {position + 1}: boxes there: {at}")
        return at[0]

    def partly(self, position: int, k: int) -> bool:
        """Whether the view lacks the thing, hides part of it or cuts it."""
        if self.visibility(position, k) != "visible":
            return True
        return max(self.hidden_and_cut(position, k)) > self.thresholds["min_hidden"]

    def countable(self, name: Name) -> list[int]:
        """`members`, each of which every view shows clearly or not at all.

        Raises:
            [`Unprovable`]: that is not so.
        """
        found = self.members(name)
        for k in found:
            for position in range(self.size):
                self.need(position, k, "visible", "absent")
        return found

    def need_partly(self, position: int, k: int) -> None:
        """Raise [`Unprovable`] if the view shows the whole thing."""
        if not self.partly(position, k):
            raise Unprovable(f"the {self.labels[k]} {k} is neither hidden nor cut in Frame {position + 1}")

    def need(self, position: int, k: int, *visibilities: str) -> None:
        """Raise [`Unprovable`] unless the thing has one of these visibilities in the view."""
        found = self.visibility(position, k)
        if found not in visibilities:
            raise Unprovable(
                f"the {self.labels[k]} {k} is {found} in Frame {position + 1}, not {' or '.join(visibilities)}"
            )

    def direction(self, position: int, axis: str, a: int, b: int) -> int:
        """`sign`, which must be defined.

        Raises:
            [`Unprovable`]: it is not.
        """
        found = self.sign(position, axis, a, b)
        if found == 0:
            raise Unprovable(
                f"the direction {axis} of the {self.labels[a]} {a} from the {self.labels[b]} {b} is undefined "
                f"in Frame {position + 1}"
            )
        return found


def centre(box: tuple[int, int, int, int]) -> tuple[int, int]:
    """Column and row of the pixel that holds the centre of a box."""
    return int(box[0] + box[2]) // 2, int(box[1] + box[3]) // 2


def _contains(box: tuple[int, int, int, int] | None, point: tuple[int, int]) -> bool:
    return box is not None and box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]
