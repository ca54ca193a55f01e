"""object_localization: is a partly hidden object in a view, and where."""

import math
from collections.abc import Iterator

import numpy as np

from generation.tasks.base import UNCLEAR, VISIBLE, Ledger, Question, View, box_centre, with_article
from generation.tasks.measures import BOX_ERROR_PIXELS, MIN_ERROR_RATIO


# Points are spread over so many columns and rows of the image
GRID = 4


def object_localization(view: View, rng: np.random.Generator, ledger: Ledger) -> Iterator[Question]:
    """`obj_localization_occ` and `obj_localization_occ_na`."""
    yield from _choices(view, ledger)
    yield from _points(view, ledger)


def _points(view: View, ledger: Ledger) -> Iterator[Question]:
    """The centre of a box as a point."""
    kind = "obj_localization_occ_na"
    for position, k in np.argwhere(view.visibility == VISIBLE):
        box = view.visible_box(position, k)
        if not view.unique[k]:
            ledger.reject(kind, "name_not_unique")
        elif view.whole[position, k]:
            ledger.reject(kind, "neither_hidden_nor_cut")
        elif _diagonal(box) <= MIN_ERROR_RATIO * BOX_ERROR_PIXELS:
            ledger.reject(kind, "too_small_to_measure")
        else:
            width, height = view.annotation.image_sizes[view.frames[position]]
            x, y = box_centre(box)
            ledger.propose(kind)
            yield Question(
                question_type=kind,
                scene_name=view.annotation.scene_name,
                text=(
                    f"What are the (x, y) coordinates of the bounding box center of the visible part of the "
                    f"{view.label(k)} in Frame {position + 1}, in pixels of the {width}x{height} image?"
                ),
                truth=f"({x}, {y})",
                distractors=(),
                targets=(int(k),),
                subject=view.label(k),
                stratum="",
                num_strata=1,
                cell=f"{GRID * x // width} {GRID * y // height}",
                group=(kind, view.view_set.frames, view.label(k)),
                asked_position=int(position),
                bbox=tuple(float(side) for side in box),
                numbers=_hidden_and_cut(view, position, k),
                answer_format="point",
            )


def _hidden_and_cut(view: View, position: int, k: int) -> dict[str, float]:
    shares = (share[view.frames[position], k] for share in (view.annotation.occlusion, view.annotation.truncation))
    return {name: round(float(share), 4) for name, share in zip(("occlusion", "truncation"), shares, strict=True)}


def _choices(view: View, ledger: Ledger) -> Iterator[Question]:
    """Open: a place or "No", to be shown among places of the same category in other frames."""
    kind = "obj_localization_occ"
    for label, indices in view.members.items():
        for position in range(view.size):
            here = indices[view.visibility[position, indices] == VISIBLE]
            if label in view.broad:
                ledger.reject(kind, "broad_category")
            elif (view.visibility[position, indices] == UNCLEAR).any():
                ledger.reject(kind, "unclear_instance")
            elif len(here) > 1:
                ledger.reject(kind, "several_in_the_frame")
            elif len(here) and view.whole[position, here[0]]:
                ledger.reject(kind, "neither_hidden_nor_cut")
            elif len(here):
                x, y = box_centre(view.visible_box(position, here[0]))
                yield _choice(
                    view,
                    position,
                    ledger,
                    truth=f"Yes; ({x}, {y})",
                    targets=(int(here[0]),),
                    bbox=tuple(float(side) for side in view.visible_box(position, here[0])),
                    numbers=_hidden_and_cut(view, position, here[0]),
                )
            else:
                shown = indices[view.shown[indices]]
                yield _choice(view, position, ledger, truth="No", targets=tuple(int(k) for k in shown))


def _choice(view: View, position: int, ledger: Ledger, targets: tuple[int, ...], **fields) -> Question:
    kind, label = "obj_localization_occ", view.label(targets[0])
    width, height = view.annotation.image_sizes[view.frames[position]]
    ledger.propose(kind)
    return Question(
        question_type=kind,
        scene_name=view.annotation.scene_name,
        text=(
            f"Is there {with_article(label)} in Frame {position + 1}? If so, what is the bounding box center "
            f"coordinates of its visible part, in pixels of the {width}x{height} image?"
        ),
        distractors=(),
        targets=targets,
        subject=label,
        stratum="absent" if fields["truth"] == "No" else "present",
        num_strata=2,
        cell=f"{width}x{height}",
        group=(kind, view.view_set.frames, label),
        asked_position=position,
        **fields,
    )


def _diagonal(box: np.ndarray) -> float:
    return math.hypot(box[2] - box[0], box[3] - box[1])
