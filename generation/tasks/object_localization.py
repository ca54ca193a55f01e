"""object_localization: is a partly hidden object in a view, and where."""

import math
from collections.abc import Iterator

import numpy as np

from generation.tasks.base import UNCLEAR, VISIBLE, Ledger, Question, View, box_centre, with_article


# A target is partly hidden or cut from here on; the lowest level of occlusion ends here too (ANNOTATION section 6)
MIN_HIDDEN = 0.05
# Points keep this many box diagonals from each other
MIN_POINT_DISTANCE = 0.75
NUM_POINTS = 3


def object_localization(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_localization_occ`: three points and "No"; "No" is the truth one time in four, for every category."""
    kind = "obj_localization_occ"
    for label, indices in view.members.items():
        for position in range(view.size):
            classes = view.visibility[position, indices]
            if label in view.broad:
                ledger.reject(kind, "broad_category")
            elif (classes == UNCLEAR).any():
                ledger.reject(kind, "unclear_instance")
            elif (classes == VISIBLE).sum() > 1:
                ledger.reject(kind, "several_in_the_frame")
            elif (classes == VISIBLE).any():
                yield from _present(view, position, int(indices[classes == VISIBLE][0]), rng, ledger)
            else:
                yield from _absent(view, position, indices[view.shown[indices]], rng, ledger)


def _present(view: View, position: int, target: int, rng, ledger: Ledger) -> Iterator[Question]:
    frame = view.frames[position]
    hidden, cut = view.annotation.occlusion[frame, target], view.annotation.truncation[frame, target]
    if max(hidden, cut) <= MIN_HIDDEN:
        ledger.reject("obj_localization_occ", "neither_hidden_nor_cut")
        return
    box = view.visible_box(position, target)
    truth = box_centre(box)
    points = _points(view, position, [truth], _diagonal(box), rng)
    yield from _question(
        view,
        position,
        points,
        ledger,
        targets=(target,),
        stratum=f"yes {rng.integers(NUM_POINTS)}",  # three strata of "yes" to one of "no"
        bbox=tuple(float(side) for side in box),
        numbers={"occlusion": round(float(hidden), 4), "truncation": round(float(cut), 4)},
    )


def _absent(view: View, position: int, targets: np.ndarray, rng, ledger: Ledger) -> Iterator[Question]:
    # as far apart as if the category were in the view, at a size that it has in another one: distances tell nothing
    positions, instances = np.nonzero(view.visibility[:, targets] == VISIBLE)
    k = rng.integers(len(positions))
    points = _points(view, position, [], _diagonal(view.visible_box(positions[k], targets[instances[k]])), rng)
    yield from _question(view, position, points, ledger, targets=tuple(int(k) for k in targets), stratum="no")


def _question(view: View, position: int, points, ledger: Ledger, targets, **fields) -> Iterator[Question]:
    """The question with its options; of `points`, the first is the truth unless the stratum is "no"."""
    kind = "obj_localization_occ"
    if len(points) < NUM_POINTS:
        ledger.reject(kind, "no_room_for_wrong_points")
        return
    label, (width, height) = view.label(targets[0]), view.annotation.image_sizes[view.frames[position]]
    options = [f"Yes; ({x}, {y})" for x, y in points]
    options.insert(0 if fields["stratum"] == "no" else NUM_POINTS, "No")
    ledger.propose(kind)
    yield Question(
        question_type=kind,
        text=(
            f"Is there {with_article(label)} in Frame {position + 1}? If so, what is the bounding box center "
            f"coordinates of its visible part, in pixels of the {width}x{height} image?"
        ),
        truth=options[0],
        distractors=tuple(options[1:]),
        targets=targets,
        subject=label,
        num_strata=NUM_POINTS + 1,
        block=(label,),
        group=(kind, view.view_set.frames, label),
        asked_position=position,
        **fields,
    )


def _points(view: View, position: int, points: list[tuple[int, int]], diagonal: float, rng) -> list[tuple[int, int]]:
    """Fill `points` up to three, at least 0.75 `diagonal` apart; fewer when there is no room.

    Box centres of other things in the view come first, so that a blind guess finds no odd one out.
    """
    width, height = view.annotation.image_sizes[view.frames[position]]
    boxes = view.annotation.visible_box[view.frames[position]][view.visibility[position] == VISIBLE]
    anywhere = rng.integers(0, [width, height], size=(50, 2))
    points = list(points)
    for x, y in [*(box_centre(box) for box in rng.permutation(boxes)), *anywhere.tolist()]:
        if len(points) == NUM_POINTS:
            break
        if all(math.dist((x, y), point) >= MIN_POINT_DISTANCE * diagonal for point in points):
            points.append((x, y))
    return points


def _diagonal(box: np.ndarray) -> float:
    return math.hypot(box[2] - box[0], box[3] - box[1])
