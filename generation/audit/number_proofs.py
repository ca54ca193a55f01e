"""Proofs of the question types without options: their numbers (ANNOTATION section 5)."""

import math

from generation.audit.facts import Facts, centre
from generation.audit.proof import Proof
from generation.audit.wording import Name, Unprovable


# Shares in evidence have five decimals
SHARE_SLACK = 1e-4


def count(parts: dict, options: list[str], facts: Facts) -> Proof:
    """How many, as a number."""
    members = facts.countable(Name.read(parts["name"]))
    return Proof(values=(len(members),), targets=tuple(members), numbers={"count": len(members)})


def box_centre(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Centre of the box of the one thing of its category that the views show."""
    position = int(parts["frame"]) - 1
    target = facts.named(position, parts["name"])
    facts.need(position, target, "visible")
    facts.need_partly(position, target)
    box = facts.box(position, target)
    _measurable(facts, math.dist(box[:2], box[2:]), facts.thresholds["box_error_pixels"])
    numbers = dict(zip(("occlusion", "truncation"), facts.hidden_and_cut(position, target), strict=True))
    return Proof(values=centre(box), targets=(target,), asked=position, box=box, numbers=numbers)


def camera_distance(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Distance of a thing's centre from a camera that lacks it or shows it in part."""
    position = int(parts["frame"]) - 1
    target = facts.named(position, parts["target"])
    facts.need(position, target, "visible", "absent")
    facts.need_partly(position, target)
    _well_seen(facts, target)
    distance_m = facts.centre_distance_m(position, target)
    _measurable(facts, distance_m, facts.thresholds["camera_distance_error_m"] + facts.extent_error_m(target))
    return Proof(values=(distance_m,), targets=(target,), asked=position, numbers={"distance_m": distance_m})


def object_distance(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Distance between two things, at least one of which some view lacks or shows in part."""
    one, other = _only(facts, parts["one"]), _only(facts, parts["other"])
    _partly_somewhere(facts, one, other)
    _well_seen(facts, one, other)
    distance_m = facts.closest_m(one, other)
    extent_m = facts.extent_error_m(one) + facts.extent_error_m(other)
    _measurable(facts, distance_m, facts.thresholds["object_distance_error_m"] + extent_m)
    return Proof(values=(distance_m,), targets=(one, other), numbers={"distance_m": distance_m})


def size(parts: dict, options: list[str], facts: Facts) -> Proof:
    """Longest dimension, in centimetres, of a thing that some view lacks or shows in part."""
    target = _only(facts, parts["name"])
    _partly_somewhere(facts, target)
    _well_seen(facts, target)
    longest_m = facts.longest_m(target)
    both_ends_m = 2 * facts.extent_error_m(target)
    _measurable(facts, longest_m, facts.thresholds["size_error_m"] + both_ends_m)
    return Proof(values=(100 * longest_m,), unit_m=0.01, targets=(target,), numbers={"longest_m": longest_m})


def _only(facts: Facts, text: str) -> int:
    return facts.named(0, text)  # a name without a point means the same in every view


def _partly_somewhere(facts: Facts, *things: int) -> None:
    if not any(facts.partly(position, k) for position in range(facts.size) for k in things):
        raise Unprovable(f"every view shows {' and '.join(str(k) for k in things)} whole")


def _well_seen(facts: Facts, *things: int) -> None:
    for k in things:
        hidden_and_cut = [facts.hidden_and_cut(position, k) for position in facts.positions(k, "visible")]
        most = max(((1 - hidden) * (1 - cut) for hidden, cut in hidden_and_cut), default=0)
        if most < facts.thresholds["min_seen_share"] - SHARE_SLACK:
            raise Unprovable(f"no view shows more than {most:.2f} of the {facts.labels[k]} {k}")


def _measurable(facts: Facts, value: float, error: float) -> None:
    least = facts.thresholds["min_error_ratio"] * error
    if value < least - facts.slack_m:
        raise Unprovable(f"{value:.4f} is less than {least:.4f}, {facts.thresholds['min_error_ratio']} x its error")
