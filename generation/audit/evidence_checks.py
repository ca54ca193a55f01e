"""Whether a row's evidence says what the scene says: every number of every thing in every view."""

from collections.abc import Iterator

from generation.audit.evidence_facts import ROLES, EvidenceFacts
from generation.audit.lengths import CLOSEST_SLACK_M
from generation.audit.proof import Proof
from generation.audit.scene_facts import SceneFacts
from generation.rows import THRESHOLDS


# Evidence has five decimals; angles and distances come from single-precision scans
TOLERANCE = 2e-4


def numbers(evidence: EvidenceFacts, facts: SceneFacts) -> Iterator[tuple]:
    """Pixels, boxes, classes, angles and distances of every thing, and the thresholds."""
    if evidence.thresholds != THRESHOLDS:
        yield f"thresholds {THRESHOLDS}", evidence.thresholds
    for k in evidence.things:
        if facts.labels.get(k) != evidence.labels[k]:
            yield f"instance {k} is {facts.labels.get(k)!r}", repr(evidence.labels[k])
            continue
        if abs(facts.extent_error_m(k) - evidence.extent_error_m(k)) > TOLERANCE:  # not where both are infinite
            yield f"extent_error_m {facts.extent_error_m(k)} of the {facts.labels[k]} {k}", evidence.extent_error_m(k)
        for position in range(facts.size):
            where = f"the {facts.labels[k]} {k} in Frame {position + 1}"
            yield from _differences(where, facts.view(position, k), evidence.view(position, k))
        if evidence.asked is not None:
            where = f"the {facts.labels[k]} {k} in the viewpoint of Frame {evidence.asked + 1}"
            yield from _differences(where, facts.viewpoint(evidence.asked, k), evidence.things[k]["viewpoint"])


def agrees_with(proof: Proof, evidence: EvidenceFacts) -> Iterator[tuple]:
    """The evidence names the things, the frame and the numbers that the proof from the scene has found."""
    for role in ROLES:
        if sorted(getattr(proof, role)) != sorted(evidence.ids[role]):
            yield f"{role} {sorted(getattr(proof, role))}", sorted(evidence.ids[role])
    if proof.asked != evidence.asked:
        yield (
            f"asked_frame {proof.asked if proof.asked is None else proof.asked + 1}",
            evidence.evidence["asked_frame"],
        )
    yield from _differences("the answer", proof.numbers, evidence.numbers)


def _differences(where: str, expected: dict, found: dict) -> Iterator[tuple]:
    if set(expected) != set(found):
        yield f"{', '.join(expected)} of {where}", ", ".join(found)
    for name in expected.keys() & found.keys():
        tolerance = CLOSEST_SLACK_M if name == "distance_m" else TOLERANCE
        if not _same(expected[name], found[name], tolerance):
            yield f"{name} {expected[name]} of {where}", found[name]


def _same(expected, found, tolerance: float) -> bool:
    if isinstance(expected, (list, tuple)):
        same_length = isinstance(found, (list, tuple)) and len(expected) == len(found)
        return same_length and all(_same(*pair, tolerance) for pair in zip(expected, found, strict=True))
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return abs(expected - found) <= tolerance
    return expected == found
