"""Proofs of the question types with options: which of them are true (ANNOTATION section 5)."""

import math
import re

from generation.audit.facts import Facts, centre
from generation.audit.proof import Proof
from generation.audit.wording import DIRECTIONS, Name, Unprovable, read_directed_option


def count(parts: dict, options: list[str], facts: Facts) -> Proof:
    """How many: every thing of the category is visible or absent in every view."""
    members = facts.countable(Name.read(parts["name"]))
    truths = tuple(option == str(len(members)) for option in options)
    return Proof(truths, tuple(members), numbers={"count": len(members)})


def best_view(parts: dict, options: list[str], facts: Facts) -> Proof:
    """How many, and in which view most of them; at equal numbers, by a clear margin of visible area."""
    members = facts.countable(Name.read(parts["name"]))
    shows = []
    for position in range(facts.size):
        visible = [k for k in members if facts.visibility(position, k) == "visible"]
        shows.append((len(visible), sum(facts.pixels(position, k) for k in visible), position + 1))
    (number, area, winner), (next_number, next_area, _) = sorted(shows, reverse=True)[:2]
    if number == next_number and area < facts.thresholds["min_area_ratio"] * next_area:
        raise Unprovable(f"two views show {number} with {area} and {next_area} pixels: neither is clearly the best")
    truth = f"{len(members)} {parts['name']}(s); Frame {winner}"
    numbers = {
        "count": len(members),
        "best_frame": winner,
        "visible_per_frame": [one[0] for one in shows],
        "area_per_frame": [one[1] for one in shows],
    }
    return Proof(tuple(option == truth for option in options), tuple(members), numbers=numbers)


def localization(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Whether a view shows the thing, and the centre of its box; a wrong point keeps its distance."""
    position, width, height = int(parts["frame"]) - 1, int(parts["width"]), int(parts["height"])
    fitting = facts.fitting(Name.read(parts["name"]))
    for k in fitting:
        facts.need(position, k, "visible", "absent")
    points = [_point(option) for option in options]
    for point in points:
        if point is not None and not (0 <= point[0] < width and 0 <= point[1] < height):
            raise Unprovable(f"the point {point} lies outside the {width}x{height} image")
    here = [k for k in fitting if facts.visibility(position, k) == "visible"]
    if not here:
        elsewhere = [k for k in fitting if facts.shown(k)]
        if not elsewhere:
            raise Unprovable(f"no view shows a {parts['name']}")
        return Proof(tuple(point is None for point in points), tuple(elsewhere), asked=position)
    if len(here) > 1:
        raise Unprovable(f"Frame {position + 1} shows several of them: {here}")
    facts.need_partly(position, here[0])
    box = facts.box(position, here[0])
    apart = facts.thresholds["min_point_distance"] * math.dist(box[:2], box[2:])
    for point in points:
        if point not in (None, centre(box)) and math.dist(point, centre(box)) < apart:
            raise Unprovable(f"the point {point} is within {apart:.1f} pixels of the box centre {centre(box)}")
    truths = tuple(point == centre(box) for point in points)
    numbers = dict(zip(("occlusion", "truncation"), facts.hidden_and_cut(position, here[0]), strict=True))
    return Proof(truths, tuple(here), asked=position, box=box, numbers=numbers)


def _point(option: str) -> tuple[int, int] | None:
    if option == "No":
        return None
    point = re.fullmatch(r"Yes; \((\d+), (\d+)\)", option)
    if point is None:
        raise Unprovable(f"the option {option!r} is neither 'No' nor 'Yes; (x, y)'")
    return int(point[1]), int(point[2])


def existence(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Whether a direction holds between two things, not both of which the view shows."""
    position = int(parts["frame"]) - 1
    target, reference = facts.named(position, parts["target"]), facts.named(position, parts["reference"])
    for k in (target, reference):
        facts.need(position, k, "visible", "absent")
    if all(facts.visibility(position, k) == "visible" for k in (target, reference)):
        raise Unprovable(f"Frame {position + 1} shows both things")
    axis, asked = DIRECTIONS[parts["word"]]
    sign = facts.direction(position, axis, target, reference)
    truths = tuple(option == ("Yes" if sign == asked else "No") for option in options)
    return Proof(truths, (target,), (reference,), asked=position, numbers={"axis": axis, "sign": sign})


def attribute(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Which category lies in a direction from a thing that the view shows: all its members do, or all do not."""
    position = int(parts["frame"]) - 1
    reference = facts.named(position, parts["reference"])
    facts.need(position, reference, "visible")
    axis, asked = DIRECTIONS[parts["word"]]
    truths, targets, others = [], [], []
    for option in options:
        members = facts.members(Name.read(option))
        signs = {facts.direction(position, axis, k, reference) for k in members}
        if len(signs) > 1:
            raise Unprovable(f"one {option} lies on one side of the reference, one on the other")
        truths.append(signs == {asked})
        (targets if truths[-1] else others).extend(members)
    if sum(truths) == 1:
        for k in targets:
            facts.need(position, k, "absent")
    return Proof(
        tuple(truths),
        tuple(targets),
        (reference,),
        tuple(others),
        asked=position,
        numbers={"axis": axis, "sign": asked},
    )


def spatial(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Where a thing that the view lacks lies from one that it shows, on two axes; another view shows both."""
    position = int(parts["frame"]) - 1
    target, reference = facts.named(position, parts["target"]), facts.named(position, parts["reference"])
    facts.need(position, target, "absent")
    facts.need(position, reference, "visible")
    if not set(facts.positions(target, "visible")) & set(facts.positions(reference, "visible")):
        raise Unprovable("no view shows both things")
    truths, axes, signs = [], [], []
    for option in options:
        directions, named = read_directed_option(option)
        if named != parts["reference"]:
            raise Unprovable(f"the option {option!r} names another reference than the question")
        axes = [axis for axis, _ in directions]
        signs = [facts.direction(position, axis, target, reference) for axis in axes]
        truths.append(signs == [sign for _, sign in directions])
    numbers = {"axes": axes, "signs": signs}
    return Proof(tuple(truths), (target,), (reference,), asked=position, numbers=numbers)
