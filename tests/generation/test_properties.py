"""What must hold for the answers in every scene, tried on random boxes before random cameras."""

import numpy as np
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.annotation.annotate import annotate_scene
from generation.annotation.scene_annotation import SceneAnnotation
from generation.geometry import Camera, look_at
from generation.sampling import ViewSet
from generation.scenes.base import Frame, Instance, Scene, SceneMesh
from generation.tasks import ASK, TASKS
from generation.tasks.base import Ledger, Question, View
from generation.tasks.proposed import NONE, as_asked, drawn, frames_of


# The principal point in the middle, so that the mirror image of a pixel is a pixel
INTRINSICS = np.array([[90.0, 0, 48], [0, 90, 36], [0, 0, 1]])
NUM_VIEWS = 4
MIRROR = np.diag([-1.0, 1, 1])

# Hypothesis likes round numbers; these odd ones keep edges off the centres of pixels, where either side is right
metres = st.floats(0.1, 1.0).map(lambda share: 0.9731 * share + 0.00137)
positions = st.floats(-1.0, 1.0).map(lambda share: 0.9731 * share + 0.00137)


@st.composite
def boxes(draw, min_size=2):
    """Boxes `(n, 2, 3)` (lowest and highest corner, metres), each in a cell of its own of a 3 x 3 grid."""
    cells = draw(st.permutations([(x, y) for x in (-2, 0, 2) for y in (-2, 0, 2)]))
    found = []
    for x, y in cells[: draw(st.integers(min_size, 7))]:
        size = np.array([draw(metres), draw(metres), draw(metres)])
        low = np.array([x, y, 0]) + [0.5 * draw(positions), 0.5 * draw(positions), draw(metres)]
        found.append([low, low + size])
    return np.array(found)


@st.composite
def poses(draw):
    """`world_from_cam` (4, 4) of cameras that stand around the boxes and look at or past them."""
    found = []
    for _ in range(NUM_VIEWS):
        angle, distance = np.pi * draw(positions), 4 + 2 * draw(metres)
        centre = np.array([distance * np.cos(angle), distance * np.sin(angle), 1 + draw(metres)])
        found.append(look_at(centre, np.array([2 * draw(positions), 2 * draw(positions), draw(metres)]), 5.13))
    return found


def annotate(boxes: np.ndarray, poses: list[np.ndarray], labels: list[str], hidden_by: np.ndarray | None = None):
    """Annotation of the boxes; a box `hidden_by` is structure, which is never asked about."""
    every = boxes if hidden_by is None else np.concatenate([boxes, [hidden_by]])
    mesh = trimesh.util.concatenate([trimesh.creation.box(bounds=box) for box in every])
    instances = [Instance(k + 1, label) for k, label in enumerate(labels)]
    if hidden_by is not None:
        instances.append(Instance(len(every), "wall", is_structure=True))
    scene = Scene(
        source="boxes",
        domain="indoor",
        scene_name="boxes",
        mesh=SceneMesh(np.array(mesh.vertices), np.array(mesh.faces), np.repeat(np.arange(len(every)) + 1, 12)),
        instances=tuple(instances),
        frames=tuple(Frame(f"frame_{k}", Camera(96, 72, INTRINSICS, pose)) for k, pose in enumerate(poses)),
    )
    return annotate_scene(scene, seed=0)


def ask(task: str, annotation: SceneAnnotation, num_views: int = NUM_VIEWS) -> list[Question]:
    """All questions of a task about the first views, drawn with the same random numbers every time."""
    view = View(annotation, ViewSet(tuple(range(num_views)), 10.0))
    found = TASKS[task].propose([view], np.random.default_rng(0), Ledger())
    return [
        ASK[kind](view, kind, one)
        for kind, proposals in found.items()
        for one in as_asked(drawn(kind, proposals, frames_of([view.view_set.frames]), wrong=0, letters=NONE))
    ]


def answers(questions: list[Question]) -> list[tuple[str, str, str]]:
    return [(question.question_type, question.text, question.truth) for question in questions]


def counts(annotation: SceneAnnotation, num_views: int = NUM_VIEWS) -> dict[str, int]:
    """The answer of every count question, by its text, which names the category."""
    questions = ask("object_count", annotation, num_views)
    return {one.text: int(one.truth) for one in questions if one.question_type == "obj_count_occ"}


def names(boxes: np.ndarray) -> list[str]:
    """A name of its own for every box, none of which ends in another."""
    return [f"{letter} box" for letter in "abcdefg"[: len(boxes)]]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(boxes=boxes(), poses=poses())
def test_a_mirror_flips_left_and_right_and_nothing_else(boxes, poses):
    labels = names(boxes)
    plain = annotate(boxes, poses, labels)
    mirrored_boxes = np.sort(boxes @ MIRROR, axis=1)
    flip = np.eye(4)
    flip[:3, :3] = MIRROR
    mirrored = annotate(mirrored_boxes, [flip @ pose @ flip for pose in poses], labels)
    for task in ("object_count", "best_view_selection"):
        assert [row[:2] for row in answers(ask(task, mirrored))] == [row[:2] for row in answers(ask(task, plain))]
    swap = {"Yes": "No", "No": "Yes"}
    expected = [
        (kind, text, swap[truth] if kind.endswith("_lr") else truth)
        for kind, text, truth in answers(ask("object_existence", plain))
    ]
    assert answers(ask("object_existence", mirrored)) == expected


@settings(max_examples=60, deadline=None, derandomize=True)
@given(boxes=boxes(), poses=poses(), scale=st.floats(0.2, 5.0))
def test_the_scale_of_the_world_changes_no_answer_about_angles(boxes, poses, scale):
    labels = names(boxes)
    scaled = [np.block([[pose[:3, :3], scale * pose[:3, 3:]], [pose[3:]]]) for pose in poses]
    plain, other = annotate(boxes, poses, labels), annotate(scale * boxes, scaled, labels)
    for task in ("object_count", "best_view_selection"):
        assert [row[1:] for row in answers(ask(task, other))] == [row[1:] for row in answers(ask(task, plain))]
    angles = [
        [row for row in answers(ask("object_existence", one)) if row[0][-2:] in ("lr", "ab")] for one in (plain, other)
    ]
    assert angles[0] == angles[1]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(boxes=boxes(min_size=3), poses=poses(), middle=st.tuples(positions, positions), size=metres)
def test_an_occluder_never_raises_a_count(boxes, poses, middle, size):
    labels = ["mug", "lamp", "mug", "lamp", "mug", "lamp", "mug"][: len(boxes)]
    low = np.array([3 * middle[0] - size, 3 * middle[1] - size, 0.0])
    before = annotate(boxes, poses, labels)
    after = annotate(boxes, poses, labels, hidden_by=np.array([low, low + [2 * size, 2 * size, 4 * size]]))
    assert (after.visible_pixels <= before.visible_pixels).all()
    was, now = counts(before), counts(after)
    assert all(now[label] <= was[label] for label in was.keys() & now.keys())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(boxes=boxes(min_size=3), poses=poses())
def test_a_further_frame_never_lowers_a_count(boxes, poses):
    annotation = annotate(boxes, poses, ["mug", "lamp", "mug", "lamp", "mug", "lamp", "mug"][: len(boxes)])
    by_size = [counts(annotation, num_views) for num_views in range(2, NUM_VIEWS + 1)]
    for fewer, more in zip(by_size, by_size[1:], strict=False):
        assert all(more[label] >= fewer[label] for label in fewer.keys() & more.keys())
