"""object_localization: is a partly hidden object in a view, and where."""

from collections.abc import Iterator

import numpy as np

from generation.tasks.base import ABSENT, UNCLEAR, VISIBLE, Ledger, Question, View, box_centre, with_article


# A target is partly hidden or cut from here on; the lowest level of occlusion ends here too (ANNOTATION section 6)
MIN_HIDDEN = 0.05
# Wrong points keep this many box diagonals from the truth and from each other
MIN_POINT_DISTANCE = 0.75
NUM_POINTS = 3


def object_localization(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_localization_occ`: three points and "No"; "No" is the truth one time in four (four strata)."""
    kind = "obj_localization_occ"
    for label, indices in view.members.items():
        for position in range(view.size):
            classes = view.visibility[position, indices]
            if (classes == UNCLEAR).any():
                ledger.reject(kind, "unclear_instance")
            elif (classes == ABSENT).all():
                yield from _absent(kind, view, position, label, indices, rng, ledger)
            elif (classes == VISIBLE).sum() > 1:
                ledger.reject(kind, "several_in_the_frame")
            else:
                target = int(indices[classes == VISIBLE][0])
                yield from _present(kind, view, position, target, rng, ledger)


def _question(view: View, position: int, label: str) -> str:
    width, height = view.annotation.image_sizes[view.frames[position]]
    return (
        f"Is there {with_article(label)} in Frame {position + 1}? If so, what is the bounding box center coordinates, "
        f"in pixels of the {width}x{height} image?"
    )


def _absent(kind, view: View, position: int, label: str, indices, rng, ledger: Ledger) -> Iterator[Question]:
    points = _points(view, position, NUM_POINTS, rng, avoid=[])
    if points is None:
        ledger.reject(kind, "no_room_for_wrong_points")
        return
    ledger.propose(kind)
    yield Question(
        question_type=kind,
        text=_question(view, position, label),
        truth="No",
        distractors=tuple(points),
        targets=tuple(int(k) for k in indices[view.shown[indices]]),
        subject=label,
        stratum="no",
        group=(kind, view.view_set.frames, label),
        asked_position=position,
    )


def _present(kind, view: View, position: int, target: int, rng, ledger: Ledger) -> Iterator[Question]:
    frame = view.frames[position]
    hidden, cut = view.annotation.occlusion[frame, target], view.annotation.truncation[frame, target]
    if max(hidden, cut) <= MIN_HIDDEN:
        ledger.reject(kind, "neither_hidden_nor_cut")
        return
    box = view.visible_box(position, target)
    diagonal = float(np.hypot(box[2] - box[0], box[3] - box[1]))
    truth = box_centre(box)
    points = _points(view, position, NUM_POINTS - 1, rng, avoid=[(truth, MIN_POINT_DISTANCE * diagonal)])
    if points is None:
        ledger.reject(kind, "no_room_for_wrong_points")
        return
    ledger.propose(kind)
    stratum = f"yes {rng.integers(NUM_POINTS)}"  # three strata of "yes" to one of "no"
    yield Question(
        question_type=kind,
        text=_question(view, position, view.label(target)),
        truth=_point(truth),
        distractors=(*points, "No"),
        targets=(target,),
        subject=view.label(target),
        stratum=stratum,
        group=(kind, view.view_set.frames, view.label(target)),
        asked_position=position,
        bbox=tuple(float(side) for side in box),
        numbers={"occlusion": round(float(hidden), 4), "truncation": round(float(cut), 4)},
    )


def _points(view: View, position: int, count: int, rng, avoid: list) -> list[str] | None:
    """`count` wrong points: box centres of other things in the view first, so that a blind guess finds no odd one out.

    `avoid` holds (point, distance): the result keeps that distance, and as much between its own points.
    """
    frame = view.frames[position]
    width, height = view.annotation.image_sizes[frame]
    boxes = view.annotation.visible_box[frame][view.visibility[position] == VISIBLE]
    centres = [box_centre(box) for box in rng.permutation(boxes)] if len(boxes) else []
    anywhere = [(int(x), int(y)) for x, y in rng.random((50, 2)) * [width, height]]
    apart = avoid[0][1] if avoid else 0.1 * float(np.hypot(width, height))
    taken, found = list(avoid), []
    for point in centres + anywhere:
        if all(np.hypot(point[0] - x, point[1] - y) >= distance for (x, y), distance in taken):
            found.append(_point(point))
            taken.append((point, apart))
        if len(found) == count:
            return found
    return None


def _point(point: tuple[int, int]) -> str:
    return f"Yes; ({point[0]}, {point[1]})"
