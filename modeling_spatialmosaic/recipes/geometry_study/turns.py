"""Turns of a conversation about what some photos show, made from their truth.

Coordinates are pixels of the image that the dataset's questions speak of.
"""

from collections.abc import Callable, Sequence

import numpy as np

from modeling_spatialmosaic.recipes.geometry_study.conversations import Turn
from modeling_spatialmosaic.recipes.geometry_study.frames import ShownObject


QUESTION_WIDTH, QUESTION_HEIGHT = 640, 480
TURNS = 8
# What shows fewer pixels than this part of the photo is not asked about
MIN_SHARE = 0.002
# Centres of two things differ by this part of the width or height at least, where their order is asked
MIN_GAP = 0.06
MIN_GAP_M = 0.3
HALVES = ((0, ("left", "right")), (1, ("upper", "lower")))
SIDES = (
    ("to the left of", 0, -1),
    ("to the right of", 0, 1),
    ("higher than", 1, -1),
    ("lower than", 1, 1),
)


class Tour:
    """
    Some views of a scene, about which turns are drawn.

    Args:
        shown (`list[list[ShownObject]]`): what each view shows.
        others (`list[str]`): labels that other scenes show, as often as they do.
        kinds (sequence of functions): methods of this class, one for each kind of turn.
        rng (`np.random.Generator`).
    """

    def __init__(
        self, shown: list[list[ShownObject]], others: list[str], kinds: "Sequence[Kind]", rng: np.random.Generator
    ):
        self.shown, self.others, self.kinds, self.rng = shown, others, kinds, rng
        self._told = set()

    def turn(self) -> Turn | None:
        """A turn of a kind that is drawn; none if what was drawn cannot be asked."""
        return self._one_of(self.kinds)(self, self._view())

    def shows(self, view: int) -> Turn | None:
        """Of things that it shows and of others, equally often."""
        labels, label = {one.label for one in self.shown[view]}, self._one_of(self.others)
        if self.rng.random() < 0.5:
            if (thing := self._one_of(self._large(view))) is None:
                return None
            label = thing.label
        elif label in labels:
            return None
        return Turn(f"Does Frame {view + 1} show this: {label}?", "Yes" if label in labels else "No")

    def located(self, view: int) -> Turn | None:
        """Is each of these there, and where?"""
        things = [one for one in self._some_of(self._single(view), 4) if self._tell("place", view, one)]
        found = {one.label: place_of(one) for one in things} | dict.fromkeys(self._absent(view), "no")
        return self._list(f"Where are these in Frame {view + 1}", found, view) if things else None

    def quarters(self, view: int) -> Turn | None:
        """Is each of these there, and in which quarter?"""
        clear = [one for one in self._single(view) if min(abs(at - 0.5) for at in one.centre) >= MIN_GAP]
        things = [one for one in self._some_of(clear, 4) if self._tell("place", view, one)]
        (_, across), (_, down) = HALVES
        found = {one.label: f"{across[one.centre[0] > 0.5]} {down[one.centre[1] > 0.5]}" for one in things}
        found |= dict.fromkeys(self._absent(view), "no")
        return self._list(f"In which quarter of Frame {view + 1} are these", found, view) if things else None

    def counts(self, view: int) -> Turn | None:
        """How many of each are there?"""
        shown, large = ([one.label for one in some] for some in (self.shown[view], self._large(view)))
        # Of others, some are too small to count or not to count
        clear = sorted(label for label in set(large) if large.count(label) == shown.count(label))
        labels = [label for label in self._some_of(clear, 4) if self._tell("count", view, label)]
        found = {label: str(large.count(label)) for label in labels} | dict.fromkeys(self._absent(view), "0")
        return self._list(f"How many of these does Frame {view + 1} show", found, view) if labels else None

    def around(self, view: int) -> Turn | None:
        """On which side of one thing are the others?"""
        (axis, (low, high)), middle = self._one_of(HALVES), self._alone(view)
        if middle is None:
            return None
        gaps = {one.label: one.centre[axis] - middle.centre[axis] for one in self._some_of(self._single(view), 5)}
        found = {label: high if gap > 0 else low for label, gap in gaps.items() if abs(gap) >= MIN_GAP}
        question = f"In Frame {view + 1}, {low} or {high} as seen from the {middle.label}"
        return self._list(question, found, view) if found else None

    def place(self, view: int) -> Turn | None:
        if (thing := self._alone(view)) is None or not self._tell("place", view, thing):
            return None
        return Turn(f"What are the (x, y) coordinates of the {thing.label} in Frame {view + 1}?", place_of(thing))

    def where(self, view: int) -> Turn | None:
        """Is it there, and at which of three places?"""
        thing, label = self._alone(view), self._one_of(self.others)
        if thing is None or self.rng.random() < 0.25:
            if any(one.label == label for one in self.shown[view]):
                return None
            thing = None
        elif not self._tell("place", view, thing):
            return None
        else:
            label = thing.label
        places = {place_of(one) for one in self._large(view) if one.label != label}
        places = [str(one) for one in self.rng.permutation(sorted(places))[: 3 if thing is None else 2]]
        answer = "No" if thing is None else f"Yes; {place_of(thing)}"
        wrong = [f"Yes; {place}" for place in places] + ["No"] * (thing is not None)
        return self._choice(f"Does Frame {view + 1} show this, and where: {label}?", answer, wrong)

    def side(self, view: int) -> Turn | None:
        """With options to choose from, or without."""
        a, b = self._alone(view), self._alone(view)
        words, axis, sign = self._one_of(SIDES)
        if a is None or abs(gap := a.centre[axis] - b.centre[axis]) < MIN_GAP:
            return None
        question = f"In Frame {view + 1}, is the {a.label} {words} the {b.label}?"
        answer, wrong = ("Yes", "No") if gap * sign > 0 else ("No", "Yes")
        return self._choice(question, answer, [wrong]) if self.rng.random() < 0.5 else Turn(question, answer)

    def best(self, view: int) -> Turn | None:
        """Which of the views shows the most of what this one shows?"""
        if len(self.shown) == 1 or (thing := self._alone(view)) is None:
            return None
        pixels = [sum(one.pixels for one in objects if one.label == thing.label) for objects in self.shown]
        best = int(np.argmax(pixels))
        if sorted(pixels)[-2] > 0.8 * pixels[best]:
            return None
        wrong = [f"Frame {n + 1}" for n in range(len(pixels)) if n != best]
        return self._choice(f"Which frame shows the most of the {thing.label}?", f"Frame {best + 1}", wrong)

    def far(self, view: int) -> Turn | None:
        if (thing := self._alone(view)) is None or not self._tell("distance", view, thing):
            return None
        question = f"How far is the {thing.label} from the camera of Frame {view + 1}, in meters?"
        return Turn(question, f"{thing.distance_m:.2f}")

    def distances(self, view: int) -> Turn | None:
        things = [one for one in self._some_of(self._single(view), 4) if self._tell("distance", view, one)]
        found = {one.label: f"at {one.distance_m:.2f}" for one in things}
        question = f"How far are these from the camera of Frame {view + 1}, in meters"
        return self._list(question, found, view) if found else None

    def closer(self, view: int) -> Turn | None:
        a, b = self._alone(view), self._alone(view)
        if a is None or abs(gap := a.distance_m - b.distance_m) < MIN_GAP_M:
            return None
        words, sign = self._one_of((("closer to", -1), ("farther from", 1)))
        question = f"In Frame {view + 1}, is the {a.label} {words} the camera than the {b.label}?"
        return self._choice(question, *(("Yes", ["No"]) if gap * sign > 0 else ("No", ["Yes"])))

    def behind(self, view: int) -> Turn | None:
        """Which things are closer than one of them?"""
        if (middle := self._alone(view)) is None:
            return None
        gaps = {one.label: one.distance_m - middle.distance_m for one in self._some_of(self._single(view), 5)}
        found = {label: "farther" if gap > 0 else "closer" for label, gap in gaps.items() if abs(gap) >= MIN_GAP_M}
        question = f"In Frame {view + 1}, closer to the camera than the {middle.label} or farther from it"
        return self._list(question, found, view) if found else None

    def apart(self, view: int) -> Turn | None:
        """Of two things, which may be in two views."""
        other = self._view()
        a, b = self._alone(view), self._alone(other)
        if a is None or b is None or (length_m := float(np.linalg.norm(np.subtract(a.point, b.point)))) < MIN_GAP_M:
            return None
        question = f"How far is the {a.label} in Frame {view + 1} from the {b.label} in Frame {other + 1}, in meters?"
        return Turn(question, f"{length_m:.2f}")

    def _list(self, question: str, found: dict[str, str], view: int) -> Turn:
        """
        Asks for all of some labels, in an order that is drawn. The answer repeats each just before what is to be found
        out about it, which is the shortest way from a word to what the photo shows of it.
        """
        labels = [str(one) for one in self.rng.permutation(list(found))]
        given = [f"Frame {view + 1}: {labels[0]}", *(f"; {one}" for one in labels[1:])]
        answer = "".join(f"{one} {found[label]}" for one, label in zip(given, labels, strict=True))
        return Turn(f"{question}: {', '.join(labels)}?", answer, tuple(given))

    def _absent(self, view: int) -> list[str]:
        """One or two labels that a view does not show."""
        drawn = {self._one_of(self.others), self._one_of(self.others)}
        return sorted(drawn - {one.label for one in self.shown[view]})

    def _choice(self, question: str, answer: str, wrong: list[str]) -> Turn:
        """Answered by an option's text: to find its letter as well is not about photos."""
        options = [str(one) for one in self.rng.permutation([answer, *wrong])]
        lines = [f"{letter}. {option}" for letter, option in zip("ABCD", options, strict=False)]
        return Turn("\n".join([question, "Options:", *lines]), answer)

    def _view(self) -> int:
        return int(self.rng.integers(len(self.shown)))

    def _large(self, view: int) -> list[ShownObject]:
        return [one for one in self.shown[view] if one.share >= MIN_SHARE]

    def _tell(self, what: str, view: int, thing: ShownObject | str) -> bool:
        """Whether this was not told before: what an earlier turn says needs no look at the photos."""
        known = (what, view, thing) in self._told
        self._told.add((what, view, thing))
        return not known

    def _single(self, view: int) -> list[ShownObject]:
        """Large things that are the only ones of their kind in a view."""
        labels = [one.label for one in self.shown[view]]
        return [one for one in self._large(view) if labels.count(one.label) == 1]

    def _alone(self, view: int) -> ShownObject | None:
        return self._one_of(self._single(view))

    def _some_of(self, things: Sequence, most: int) -> list:
        return [things[k] for k in self.rng.permutation(len(things))[:most]]

    def _one_of(self, things):
        return things[int(self.rng.integers(len(things)))] if len(things) else None


Kind = Callable[[Tour, int], Turn | None]


def place_of(thing: ShownObject) -> str:
    """Centre of its box, in the dataset's pixels; without a space, which stands before lengths."""
    x, y = thing.centre
    return f"({round(x * QUESTION_WIDTH)},{round(y * QUESTION_HEIGHT)})"
