"""What must hold for one row in its scene, by fresh measures: views, names, evidence, diagnostic fields, box."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from dataset_builder.schema import occ_level, overlap_level
from generation.audit.measure import SceneMeasures
from generation.audit.proof import Proof
from generation.audit.scene_facts import SceneFacts
from generation.sampling import MAX_NEAR_TWINS, MAX_OVERLAP_PERCENT, MAX_VIEWS, MIN_LINK_PERCENT, MIN_VIEWS


# Fractions and percents are stored as float32
FIELD_TOLERANCE = 1e-4
# Percent. A sample whose ray grazes an edge may be seen or not: one or two of the thousands that a pair sees
OVERLAP_TOLERANCE = 0.1
COUNTING = ("object_count", "best_view_selection")


def frames_exist(row: dict, measures: SceneMeasures) -> Iterator[tuple]:
    """Two to five different frames of the scene."""
    unknown = [frame for frame in row["frames"] if frame not in measures.cameras]
    if unknown:
        yield f"frames of scene {row['scene_name']!r}", f"unknown {', '.join(unknown)}"
    if not MIN_VIEWS <= len(set(row["frames"])) == len(row["frames"]) <= MAX_VIEWS:
        yield f"{MIN_VIEWS} to {MAX_VIEWS} different frames", row["frames"]


def view_set(row: dict, measures: SceneMeasures) -> Iterator[tuple]:
    """No pair overlaps too much; but for counting, all views are linked by enough overlap."""
    pairs = list(combinations(row["frames"], 2))
    overlaps = [measures.overlap(*pair) for pair in pairs]
    for pair, overlap in zip(pairs, overlaps, strict=True):
        if overlap > MAX_OVERLAP_PERCENT + OVERLAP_TOLERANCE:
            yield f"overlap of at most {MAX_OVERLAP_PERCENT} %", f"{overlap:.2f} % of {' and '.join(pair)}"
    linked = {row["frames"][0]}
    for _ in row["frames"]:
        for pair, overlap in zip(pairs, overlaps, strict=True):
            if overlap >= MIN_LINK_PERCENT - OVERLAP_TOLERANCE and linked & set(pair):
                linked |= set(pair)
    apart = [frame for frame in row["frames"] if frame not in linked]
    if apart and row["task"] not in COUNTING:
        yield f"views linked by overlaps of at least {MIN_LINK_PERCENT} %", f"{', '.join(apart)} stand apart"


def near_twins(rows: list[dict]) -> Iterator[tuple]:
    """No frames but one are common to more view sets of the scene than allowed."""
    sets = defaultdict(set)
    for frames in {frozenset(row["frames"]) for row in rows}:
        for part in combinations(sorted(frames), len(frames) - 1):
            sets[part].add(frames)
    for part, found in sorted(sets.items()):
        if len(found) > MAX_NEAR_TWINS:
            yield f"{', '.join(part)} in at most {MAX_NEAR_TWINS} sets with one more frame", f"{len(found)} sets"


def answerable(row: dict, proof: Proof, facts: SceneFacts) -> Iterator[tuple]:
    """Some view shows everything that takes part, and what is asked about is nowhere in doubt."""
    for k in (*proof.targets, *proof.references, *proof.others):
        if not facts.shown(k):
            yield f"a view that shows the {facts.labels[k]} {k}", f"{', '.join(row['frames'])} do not"
    for k in (*proof.targets, *proof.references):
        asked = [] if proof.asked is None else [proof.asked]
        for position in range(facts.size) if row["task"] in COUNTING else asked:
            if facts.visibility(position, k) == "unclear":
                yield f"the {facts.labels[k]} {k} clearly or not at all in Frame {position + 1}", "unclear"


def diagnostics(row: dict, proof: Proof, facts: SceneFacts) -> Iterator[tuple]:
    """The diagnostic fields of ANNOTATION section 6."""
    seen = [(p, k) for k in proof.targets for p in facts.positions(k, "visible")]
    hidden_and_cut = [facts.hidden_and_cut(*at) for at in seen]
    occlusion, truncation = np.mean(hidden_and_cut, axis=0)
    overlap = np.mean([facts.measures.overlap(*pair) for pair in combinations(row["frames"], 2)])
    for name, value, tolerance in (
        ("occlusion_avg", occlusion, FIELD_TOLERANCE),
        ("truncation_avg", truncation, FIELD_TOLERANCE),
        ("overlap_avg", overlap, OVERLAP_TOLERANCE),
    ):
        if not abs(row[name] - value) <= tolerance:
            yield f"{name} {value:.5f}", row[name]
    shows_all = [
        all(facts.visibility(position, k) == "visible" for k in proof.targets) for position in range(facts.size)
    ]
    for name, values in (
        ("occ_level", [occ_level(occlusion + one) for one in (-FIELD_TOLERANCE, FIELD_TOLERANCE)]),
        ("overlap_level", [overlap_level(overlap + one) for one in (-OVERLAP_TOLERANCE, OVERLAP_TOLERANCE)]),
        ("vis_level", ["Fully Visible" if all(shows_all) else "Partially Visible"]),
        ("gt_scenario", ["Full Coverage" if any(shows_all) else "Partial Coverage"]),
    ):
        if row[name] not in values:
            yield f"{name} {values[0]!r}", repr(row[name])


def answer_box(row: dict, proof: Proof) -> Iterator[tuple]:
    """`bbox_2d` is the box that the answer points at, and `bbox_2d_diag` its diagonal."""
    box = proof.box and [float(side) for side in proof.box]
    if row["bbox_2d"] != box:
        yield f"bbox_2d {box}", row["bbox_2d"]
    diagonal = box and float(np.hypot(box[2] - box[0], box[3] - box[1]))
    found = row["bbox_2d_diag"]
    if (diagonal is None) != (found is None) or (box and abs(found - diagonal) > 1e-3):
        yield f"bbox_2d_diag {diagonal}", found
