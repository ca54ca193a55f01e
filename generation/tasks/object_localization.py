"""object_localization: is a partly hidden object in a view, and where."""

from collections.abc import Sequence

import numpy as np

from generation.tasks.base import UNCLEAR, VISIBLE, Ledger, Question, View, box_centre, with_article
from generation.tasks.finding import Found, count_rejects
from generation.tasks.measures import BOX_ERROR_PIXELS, MIN_ERROR_RATIO
from generation.tasks.proposed import NONE, Asked, Balance, Task, blocks, group_of, place_of, proposals, xy_of


CHOICE, POINT = "obj_localization_occ", "obj_localization_occ_na"
# Points are spread over so many columns and rows of the image
GRID = 4
# Strata
LACKING, PRESENT = 0, 1


def propose(views: Sequence[View], rng: np.random.Generator, ledger: Ledger) -> dict[str, np.ndarray]:
    """`obj_localization_occ`: open, a place or "No", to be shown among places of the same category in other frames.
    `obj_localization_occ_na`: a place as a point.
    """
    found = Found(views)
    for view_set, view in enumerate(views):
        found.add(CHOICE, view_set, *_choices(view, ledger))
        found.add(POINT, view_set, *_points(view, ledger).T)
    annotation, categories = views[0].annotation, views[0].categories
    proposed = {}
    for kind, (view_set, position, k, *of_choice) in found.columns():
        frame = found.frames[view_set, position]
        box, (width, height) = annotation.visible_box[frame, k], annotation.image_sizes[frame].T
        x, y = box_centre(box.T)
        if kind == CHOICE:
            category, present = of_choice
            # a match is about images of one size, which the question states; a place is known by its box
            columns = {
                "target": category,
                "value": np.where(present, place_of(x, y), NONE),
                "stratum": np.where(present, PRESENT, LACKING),
                "cell": place_of(width, height),
                "block": np.where(present, blocks(*box.T).T, 0).T,
            }
        else:
            category = categories.of[k]
            columns = {"target": k, "cell": GRID * (GRID * x // width) + GRID * y // height}
        group = group_of(view_set, category)
        proposed[kind] = proposals(
            len(k), view_set=view_set, position=position, subject=category, group=group, **columns
        )
    return proposed


def _choices(view: View, ledger: Ledger) -> tuple[np.ndarray, ...]:
    """Views, the instances that they show of categories, the categories, and whether they show one at all."""
    visible = view.visibility == VISIBLE
    rules = [
        ("broad_category", ~view.broad[:, None]),
        ("unclear_instance", view.count(view.visibility == UNCLEAR).T == 0),
        ("several_in_the_frame", view.num_visible.T <= 1),
        ("neither_hidden_nor_cut", view.count(view.whole).T == 0),
    ]
    shown = np.broadcast_to(view.num_shown[:, None] > 0, (len(view.num_shown), view.size))
    category, position = np.nonzero(count_rejects(ledger, CHOICE, rules, shown))  # of (L, n)
    # the only one that is visible, or 0
    instance = view.count(visible * np.arange(visible.shape[1])).astype(int)[position, category]
    return position, instance, category, view.num_visible[position, category] > 0


def _points(view: View, ledger: Ledger) -> np.ndarray:
    """Views and instances, the centre of whose box is a point, `(n, 2)`."""
    visible, boxes = view.visibility == VISIBLE, view.annotation.visible_box[view.frames]
    diagonal = np.hypot(boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1])
    rules = [
        ("name_not_unique", view.unique),
        ("neither_hidden_nor_cut", ~view.whole),
        ("too_small_to_measure", diagonal > MIN_ERROR_RATIO * BOX_ERROR_PIXELS),
    ]
    return np.argwhere(count_rejects(ledger, POINT, rules, visible))


def ask(view: View, kind: str, asked: Asked) -> Question:
    """Where the view `position` shows the category (or, as a point, the instance) `target`."""
    return (_ask_choice if kind == CHOICE else _ask_point)(view, asked.position, asked)


def _ask_choice(view: View, position: int, asked: Asked) -> Question:
    category, label = asked.target, view.categories.names[asked.target]
    width, height = view.annotation.image_sizes[view.frames[position]]
    absent = asked.value == NONE
    targets = view.shown_of(category)
    if not absent:
        targets = tuple(k for k in targets if view.visibility[position, k] == VISIBLE)
    return Question(
        question_type=CHOICE,
        text=(
            f"Is there {with_article(label)} in Frame {position + 1}? If so, what is the bounding box center "
            f"coordinates of its visible part, in pixels of the {width}x{height} image?"
        ),
        truth=_option(asked.value),
        distractors=tuple(map(_option, asked.wrong)),
        targets=targets,
        asked_position=position,
        bbox=None if absent else _box(view, position, targets[0]),
        numbers={} if absent else _hidden_and_cut(view, position, targets[0]),
    )


def _ask_point(view: View, position: int, asked: Asked) -> Question:
    k = asked.target
    width, height = view.annotation.image_sizes[view.frames[position]]
    x, y = box_centre(view.visible_box(position, k))
    return Question(
        question_type=POINT,
        text=(
            f"What are the (x, y) coordinates of the bounding box center of the visible part of the "
            f"{view.label(k)} in Frame {position + 1}, in pixels of the {width}x{height} image?"
        ),
        truth=f"({x}, {y})",
        distractors=(),
        targets=(k,),
        asked_position=position,
        bbox=_box(view, position, k),
        numbers=_hidden_and_cut(view, position, k),
        answer_format="point",
    )


def _option(place: int) -> str:
    return "No" if place == NONE else "Yes; ({}, {})".format(*xy_of(place))


def _box(view: View, position: int, k: int) -> tuple[float, ...]:
    return tuple(map(float, view.visible_box(position, k)))


def _hidden_and_cut(view: View, position: int, k: int) -> dict[str, float]:
    shares = (share[view.frames[position], k] for share in (view.annotation.occlusion, view.annotation.truncation))
    return {name: round(float(share), 4) for name, share in zip(("occlusion", "truncation"), shares, strict=True)}


OBJECT_LOCALIZATION = Task(propose, ask, {CHOICE: Balance(num_strata=2), POINT: Balance()})
