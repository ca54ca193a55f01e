"""Annotations written by hand: the tasks see numbers, not scenes."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from generation.annotation.scene_annotation import SceneAnnotation
from generation.sampling import ViewSet
from generation.tasks import ASK, BALANCE, MATCHERS, TASKS
from generation.tasks.base import Ledger, View
from generation.tasks.proposed import NONE, as_asked, drawn, frames_of


PIXELS = {"v": 1000, "u": 50, ".": 0}  # visible, unclear, absent in an image of 640 x 480


def _view(labels, frames, lr=None, ab=None, distance=None, boxes=None, amodal=None, extended=None, **fields) -> View:
    """A view set of all frames.

    `frames` has one string a frame with one letter an instance: v visible, u unclear, . absent. `lr` and `ab` are
    angles in degrees (right and down are positive) of extents 2 degrees wide, `distance` metres: one number for each
    instance, or for each frame and instance. `boxes[f, k]` is a visible box; without one, instance k has a box of 40 x
    30 pixels at (20 + 60 k, 100). `amodal[f, k]`, `extended[f, k]`: pixel counts, where a part is hidden or cut.
    `fields` are of the annotation: things are 1 m long and 1 m apart without.
    """
    shape = (len(frames), len(labels))
    visible = np.array([[PIXELS[letter] for letter in frame] for frame in frames]).reshape(shape)
    counts = [visible.copy(), np.maximum(visible, 500)]
    for values, given in zip(counts, (amodal, extended), strict=True):
        for at, pixels in (given or {}).items():
            values[at] = pixels
    box = np.zeros((*shape, 4), dtype=int)
    for f, k in np.argwhere(visible > 0):
        box[f, k] = (boxes or {}).get((f, k), (20 + 60 * k, 100, 60 + 60 * k, 130))
    across, down = (np.broadcast_to(np.array(0 if one is None else one, dtype=float), shape) for one in (lr, ab))
    metres = np.broadcast_to(np.array(1 if distance is None else distance, dtype=float), shape)
    return View(
        SceneAnnotation(
            scene_name="room",
            dataset="hand",
            domain="indoor",
            method="raycast",
            frame_ids=np.array([f"frame_{f}" for f in range(shape[0])]),
            image_sizes=np.full((shape[0], 2), (640, 480)),
            intrinsics=np.broadcast_to(np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]]), (shape[0], 3, 3)),
            world_from_cam=np.broadcast_to(np.eye(4), (shape[0], 4, 4)),
            instance_ids=np.arange(shape[1]) + 1,
            labels=np.array(labels, dtype=str),
            box_centres=np.full((shape[1], 3), [0.0, 0, 5]),
            amodal_pixels=counts[0],
            visible_pixels=visible,
            extended_pixels=counts[1],
            amodal_box=box,
            visible_box=box,
            depth_min_m=metres,
            depth_mean_m=metres,
            centre_distance_m=metres,
            nearest_m=metres,
            mean_m=metres,
            angles_deg=np.stack([np.stack([one - 1, one + 1], axis=2) for one in (across, down)], axis=2),
            surface_bits=np.zeros((shape[0], 1), dtype=np.uint8),
            **{"closest_m": 1 - np.eye(shape[1]), "longest_m": np.ones(shape[1])} | fields,
        ),
        ViewSet(tuple(range(shape[0])), 10.0),
    )


def _in_words(view: View, kind: str, proposals: np.ndarray) -> list[SimpleNamespace]:
    """Proposals about one view set: the fields of their questions, and what the draw balances them by."""
    names, balance = view.categories.names, BALANCE[kind]
    found = []
    asked = as_asked(drawn(kind, proposals, frames_of([view.view_set.frames]), wrong=0, letters=NONE))
    for proposal, one in zip(proposals, asked, strict=True):
        question = ASK[kind](view, kind, one)
        if kind in MATCHERS:  # the wrong options come with the draw
            question = question._replace(distractors=(), others=())
        block = proposal["block"][: balance.depth].tolist()
        pool = [names[k] for k in proposal["pool"] if k != NONE] if "pool" in proposals.dtype.names else []
        found.append(
            SimpleNamespace(
                **question._asdict(),
                **balance._asdict(),
                **{name: proposal[name].item() for name in ("stratum", "side", "cell", "fallback", "group")},
                subject=names[proposal["subject"]],
                block=tuple(names[k] if j in balance.categories else k for j, k in enumerate(block)),
                pool={name: view.shown_of(names.index(name)) for name in pool},
            )
        )
    return found


def _ask(task: str, view: View, kind: str | None = None, seed: int = 0):
    """The questions of a task, and what each rule turned down: of one type, or of all types with options."""
    ledger = Ledger()

    def asked(question_type: str) -> bool:
        return question_type == kind if kind else not question_type.endswith("_na")

    proposed = TASKS[task].propose([view], np.random.default_rng(seed), ledger)
    questions = [one for name, found in proposed.items() if asked(name) for one in _in_words(view, name, found)]
    rejected = Counter({rule: count for (question_type, rule), count in ledger.counts.items() if asked(question_type)})
    for question in questions:  # what holds for every question of every task
        options = {question.truth, *question.distractors}
        assert len(options) == 1 + len(question.distractors)
        assert "  " not in question.text and question.text.endswith(("?", "."))
    return questions, rejected


@pytest.fixture(scope="session")
def view_of():
    return _view


@pytest.fixture(scope="session")
def ask():
    return _ask
