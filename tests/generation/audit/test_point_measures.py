"""The audit's measures of scenes without a mesh: by hand before one camera, and as the slow twin of the annotation."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataset_builder.reader import load_rows
from dataset_builder.schema import build_completion
from generation.annotation.annotate import annotate_scene
from generation.annotation.scene_annotation import VISIBILITY_NAMES
from generation.audit.audit import ROW_COLUMNS, audit, audit_scene
from generation.audit.measure import SceneMeasures
from generation.audit.outline import _closed
from generation.audit.report import AuditReport
from generation.audit.settings import AuditSettings
from generation.audit.wording import option_texts
from generation.geometry import Camera, look_at
from generation.pipeline import generate
from generation.scenes.base import Frame, Instance, Scene, ScenePoints
from generation.scenes.posed_rgbd import PosedRgbdSource
from generation.settings import GenerateSettings


OFFICE = Path(__file__).resolve().parents[3] / "../shared/fixtures/posed_rgbd_mini"
SEED = 3

# A point (x, y, z) is at column 50 + 100 x / y and row 40 - 100 z / y
CAMERA = Camera(100, 80, np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]]), look_at(np.zeros(3), [0, 1, 0]))
WALL_M = 4.0
COLUMNS, ROWS = (35, 65), (30, 50)


def sheet(columns, rows=ROWS, y=2.0, step=1) -> np.ndarray:
    """One point in the middle of every pixel, or of every `step`-th; 2 m away they are `step` x 2 cm apart."""
    column, row = (axis.ravel() + 0.5 for axis in np.meshgrid(range(*columns, step), range(*rows, step)))
    return np.stack([(column - 50) * y / 100, np.full(column.shape, y), (40 - row) * y / 100], axis=1)


def picture(*parts) -> tuple[np.ndarray, np.ndarray]:
    """Ids and depths `(80, 100)` of things (id, columns, depth) on `ROWS` before a wall, one over the other."""
    ids, depth_m = np.zeros((80, 100), dtype=np.uint16), np.full((80, 100), WALL_M)
    for k, columns, y in parts:
        ids[slice(*ROWS), slice(*columns)], depth_m[slice(*ROWS), slice(*columns)] = k, y
    return ids, depth_m


@pytest.fixture
def measured(tmp_path):
    """Function from the points of things 1, 2, ... and the pictures of frames "0", "1", ... to their measures."""

    def measure(things, pictures, spacing_m=0.02, seen_by=None) -> SceneMeasures:
        frames = []
        for name, (ids, depth_m) in enumerate(pictures):
            paths = tmp_path / f"depth_{name}.png", tmp_path / f"instance_{name}.png"
            Image.fromarray(np.round(1000 * depth_m).astype(np.uint16)).save(paths[0])
            Image.fromarray(ids).save(paths[1])
            frames.append(Frame(str(name), CAMERA, None, *paths))
        points, ids = np.concatenate(things), range(1, len(things) + 1)
        cloud = ScenePoints(
            points,
            np.repeat(ids, [len(thing) for thing in things]),
            np.broadcast_to(spacing_m, len(points)),
            np.ones((len(points), 2), dtype=bool) if seen_by is None else seen_by,
            views={},
        )
        named = tuple(Instance(k, f"thing {k}") for k in ids)
        return SceneMeasures(Scene("hand", "indoor", "hand", None, named, tuple(frames), points=cloud), seed=0)

    return measure


# --- masks by hand ---


WHOLE = picture((1, COLUMNS, 2))


def numbers(seen) -> tuple:
    return seen.visible, seen.amodal, seen.extended, seen.box


@pytest.mark.parametrize(
    "shown, expected, occlusion",
    [
        (WHOLE, (600, 600, 600, (35, 30, 65, 50)), 0),
        (picture((1, COLUMNS, 2), (2, (50, 65), 1)), (300, 600, 600, (35, 30, 50, 50)), 0.5),  # something is before it
        (picture((1, (35, 50), 2)), (300, 300, 300, (35, 30, 50, 50)), 0),  # it is not there: the wall is seen
        (picture((1, (35, 50), 2), (0, (50, 65), 0)), (300, 300, 300, (35, 30, 50, 50)), 0),  # nothing is known there
        (
            picture((1, (35, 50), 2), (0, (50, 65), 1)),
            (300, 600, 600, (35, 30, 50, 50)),
            0.5,
        ),  # nobody says what it is
        (picture((2, COLUMNS, 1)), (0, 600, 600, None), 1),
        (picture(), (0, 0, 0, None), None),
    ],
)
def test_masks(measured, shown, expected, occlusion):
    measures = measured([sheet(COLUMNS), sheet((50, 65), y=1.0)], [shown, WHOLE, WHOLE])
    seen = measures.frame("0")[1]
    assert numbers(seen) == expected and seen.occlusion == occlusion
    assert measures.visibility("0", 1) == ("visible" if seen.visible else "absent")


def test_what_the_border_cuts(measured):
    measures = measured([sheet((85, 115))], [picture((1, (85, 100), 2))] * 2)
    seen = measures.frame("0")[1]
    assert numbers(seen) == (300, 300, 600, (85, 30, 100, 50)) and seen.truncation == 0.5


@pytest.mark.parametrize(
    "points, extended",
    [
        (sheet((135, 165)), 300),  # the canvas ends at column 150
        (sheet((-65, -35)), 300),  # and begins at -50
        (sheet((300, 330)), 0),
        (sheet(COLUMNS) * [1, -1, 1], 0),  # behind the camera
    ],
)
def test_outside_the_image(measured, points, extended):
    measures = measured([points, sheet(COLUMNS)], [picture()] * 2)
    assert numbers(measures.frame("0")[1]) == (0, 0, extended, None)
    assert measures.visibility("0", 1) == "absent"


@pytest.mark.parametrize("spacing_m, pixels", [(0.08, 29 * 17), (0.04, 29 * 17), (0.02, 8 * 5)])
def test_gaps(measured, spacing_m, pixels):
    # a point in every fourth pixel, hidden: gaps are closed up to twice the spacing, which is 2 pixels for 4 cm
    measures = measured([sheet(COLUMNS, step=4), sheet(COLUMNS, y=1.0)], [picture((2, COLUMNS, 1))] * 2, spacing_m)
    assert measures.frame("0")[1].amodal == pixels


@pytest.mark.parametrize("sensor_m, hidden", [(0.5, 600), (2, 600), (3.5, 0)])
def test_what_reaches_far_back_is_hidden_where_its_rear_part_is(measured, sensor_m, hidden):
    parts = np.concatenate([sheet(COLUMNS, y=1.0), sheet(COLUMNS, y=3.0)])
    spacing_m = np.repeat([0.01, 0.2], 600)  # one pixel, and seven
    assert measured([parts], [picture((0, COLUMNS, sensor_m))] * 2, spacing_m).frame("0")[1].amodal == hidden


def test_doubts(measured):
    few, many = sheet(COLUMNS)[:49], sheet(COLUMNS)
    for points, pictures, visibility in (
        (few, [WHOLE, WHOLE], "unclear"),
        (many, [WHOLE, picture()], "unclear"),  # seen once
        (many, [WHOLE, WHOLE], "visible"),
        (few, [picture(), WHOLE], "absent"),  # that it is not seen is no guess
    ):
        assert measured([points], pictures).visibility("0", 1) == visibility


@pytest.mark.parametrize(
    "columns, nearer_m, visibility",
    [
        ((50, 65), 1, "unclear"),  # 20 of the 70 pixel sides around its visible half
        ((50, 65), 1.99, "visible"),  # as near as a sensor can tell
        ((50, 50), 1, "visible"),
    ],
)
def test_open_outline(measured, columns, nearer_m, visibility):
    """Where nobody knows how far a thing goes on behind another."""
    half = sheet((35, 50))
    shown = picture((1, (35, 50), 2), (2, columns, nearer_m))
    assert measured([half, sheet((50, 65), y=1.0)], [shown, shown]).visibility("0", 1) == visibility


def test_closing_by_its_definition():
    """Every square that covers a pixel of the outline holds a point."""
    rng = np.random.default_rng(0)
    row, column = rng.integers(6, 24, (2, 60))
    depth_m = rng.uniform(1, 2, 60)
    points = list(zip(row.tolist(), column.tolist(), depth_m.tolist(), strict=True))
    (rows, columns), nearest_m = _closed(row, column, depth_m, 2)
    found = dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), nearest_m.tolist(), strict=True))

    def around(r, c):
        return [d for y, x, d in points if max(abs(y - r), abs(x - c)) <= 2]

    for r in range(30):
        for c in range(30):
            squares = [(r + down, c + across) for down in range(-2, 3) for across in range(-2, 3)]
            closed = all(around(*middle) for middle in squares)
            assert found.get((r, c)) == (min(around(r, c)) if closed else None)


# --- everything else by hand ---


def test_overlap(measured):
    half = picture((1, (35, 50), 2), (0, (50, 65), 1))
    measures = measured([sheet(COLUMNS, step=2)], [WHOLE, half, picture()])
    left = (measures.surfaces.sample[:, 0] < 0).mean()  # share of the sample that the second frame sees
    assert left == pytest.approx(8 / 15, abs=0.02)  # 8 of 15 columns
    assert measures.overlap("0", "1") == pytest.approx(100 * left)
    assert measures.overlap("0", "0") == 100
    assert measures.overlap("0", "2") == measures.overlap("2", "2") == 0  # the wall is no surface of the points


@pytest.mark.parametrize("sensor_m, seen", [(2.019, True), (1.981, True), (2.021, False), (1.979, False), (0, False)])
def test_sample_is_seen_where_the_sensor_saw_it(measured, sensor_m, seen):
    measures = measured([sheet(COLUMNS)], [picture((1, COLUMNS, sensor_m))])
    assert (measures.sample_seen("0") == seen).all()


def test_sample_has_one_point_of_every_cell(measured):
    rng = np.random.default_rng(0)
    points = rng.uniform([-0.1, 2, 0], [0.1, 2.1, 0.1], (20000, 3))  # ten points for each of 2,000 cells of 2 cm
    sample = measured([points], [picture()]).surfaces.sample
    of_cell = {}
    for point in sample:
        cell = tuple(int((point[axis] - points[0, axis]) // 0.02) for axis in range(3))
        of_cell.setdefault(cell, set()).add(tuple(point))
    cells = {tuple(((point - points[0]) // 0.02).astype(int)) for point in points}
    assert len(sample) == 20000 and all(len(drawn) == 1 for drawn in of_cell.values())
    assert len(of_cell) > 0.99 * len(cells)  # with replacement, one in a thousand is drawn by none


def test_lengths(measured):
    # a table of 1.6 m x 0.8 m x 0.5 m, turned by 30 degrees, and a ball beside it
    x, y, z = (axis.ravel() for axis in np.meshgrid([0, 0.8, 1.6], [0, 0.4, 0.8], [0, 0.5]))
    cosine, sine = np.cos(np.pi / 6), np.sin(np.pi / 6)
    table = np.stack([cosine * x - sine * y - 1, sine * x + cosine * y + 3, z], axis=1)
    ball = table[[0]] - [0.3, 0.4, 0] + np.array([[0, 0, 0], [0, -0.1, 0], [-0.1, 0, 0.1]])
    measures = measured([table, ball], [picture()])
    assert measures.longest_m(1) == pytest.approx(1.6)
    middle = [cosine * 0.8 - sine * 0.4 - 1, sine * 0.8 + cosine * 0.4 + 3, 0.25]
    assert measures.centre_distance_m("0", 1) == pytest.approx(np.linalg.norm(middle))
    assert measures.closest_m(1, 2) == measures.closest_m(2, 1) == pytest.approx(0.5)
    distances = [sum(side**2 for side in point) ** 0.5 for point in table.tolist()]
    assert measures.nearest_m("0", 1) == pytest.approx(min(distances))
    assert measures.mean_m("0", 1) == pytest.approx(sum(distances) / 18)


def test_what_leans_has_no_longest_side(measured):
    ladder = np.stack([np.linspace(0, 1, 50), np.full(50, 3), np.linspace(0, 2, 50)], axis=1)
    rungs = np.concatenate([ladder, ladder + [0, 0.4, 0]])
    assert measured([rungs], [picture()]).longest_m(1) is None


def test_directions(measured):
    left_near_high, right_far_low = sheet((20, 30), (10, 20)), sheet((70, 80), (60, 70), y=3.0)
    behind = sheet(COLUMNS) * [1, -1, 1]
    curtain = np.zeros((80, 100), dtype=np.uint16), np.ones((80, 100))  # something at 1 m hides them all
    measures = measured([left_near_high, right_far_low, behind], [curtain])
    for axis in ("lr", "ab", "fb"):
        assert (measures.sign("0", axis, 1, 2), measures.sign("0", axis, 2, 1)) == (-1, 1)
        assert measures.sign("0", axis, 1, 3) == 0


def test_error_of_the_extent(measured):
    points = np.array([[0.0, 2, 0], [1, 2, 0], [1, 4, 0], [1, 4, 0.5]])
    every, missed = np.ones((4, 2), dtype=bool), np.ones((4, 2), dtype=bool)
    missed[3, 0] = False  # the even frames miss the top: 0.5 m
    for seen_by, expected in ((every, 0.02), (missed, 0.5), (every & [True, False], np.inf)):
        assert measured([points], [picture()], seen_by=seen_by).extent_error_m(1) == expected
    missed[:2, 1] = False  # and the odd ones miss the near side: 2 m
    assert measured([points], [picture()], seen_by=missed).extent_error_m(1) == 2


# --- whole scenes and datasets ---


@pytest.fixture(scope="module", params=["room", "office"])
def capture(request, tmp_path_factory, write_capture, small_room) -> Path:
    """Folder of a scene: a small room as a perfect sensor sees it, and the fixture."""
    if request.param == "office":
        if not OFFICE.exists():
            pytest.skip("the fixture ../shared/fixtures/posed_rgbd_mini is absent")
        return OFFICE
    folder = tmp_path_factory.mktemp("captures") / "room"
    write_capture(folder, small_room)
    return folder


@pytest.fixture(scope="module")
def measures(capture) -> SceneMeasures:
    return SceneMeasures(PosedRgbdSource(capture).load(capture.name), SEED)


@pytest.fixture(scope="module")
def folder(capture, tmp_path_factory) -> Path:
    """A dataset of the scene."""
    out = tmp_path_factory.mktemp("audit_points") / "spatialmosaic"
    generate(GenerateSettings(source="posed_rgbd", root=capture, out=out, seed=SEED, view_sets=30, questions=8))
    return out


@pytest.fixture(scope="module")
def rows(folder) -> list[dict]:
    return list(load_rows(folder, columns=ROW_COLUMNS))


def mismatches(row: dict, measures: SceneMeasures) -> dict[str, str]:
    """For each check that fails, what is found instead."""
    report = AuditReport()
    audit_scene([row], measures, report)
    return {one.check: f"{one.expected} -> {one.found}" for one in report.mismatches}


def test_twin_of_the_annotation(measures):
    """Two pieces of code find the same numbers for every thing of a scene."""
    annotation = annotate_scene(measures.scene, seed=SEED)
    things = annotation.instance_ids.tolist()
    for f, frame in enumerate(annotation.frame_ids.tolist()[:3]):
        for name in ("visible", "amodal", "extended"):
            found = [getattr(measures.frame(frame)[k], name) for k in things]
            np.testing.assert_array_equal(found, getattr(annotation, f"{name}_pixels")[f])
        boxes = [measures.frame(frame)[k].box or (0, 0, 0, 0) for k in things]
        np.testing.assert_array_equal(boxes, annotation.visible_box[f])
        classes = [measures.visibility(frame, k) for k in things]
        assert classes == [VISIBILITY_NAMES[one] for one in annotation.visibility[f]]
        overlaps = [measures.overlap(frame, other) for other in annotation.frame_ids.tolist()]
        np.testing.assert_allclose(overlaps, annotation.overlap[f])
        for name in ("nearest_m", "mean_m", "centre_distance_m"):
            found = [getattr(measures, name)(frame, k) for k in things]
            np.testing.assert_allclose(found, getattr(annotation, name)[f])
    np.testing.assert_allclose([measures.extent_error_m(k) for k in things], annotation.extent_error_m)
    first = [measures.closest_m(things[0], k) for k in things[1:]]
    np.testing.assert_allclose(first, annotation.closest_m[0, 1:])


def test_a_sound_folder(folder, capture, rows):
    report = audit(AuditSettings(folder=folder, root=capture))
    assert not report.mismatches and report.rows == len(rows) > 60


def test_broken_numbers_are_found(rows, measures):
    # half a metre, and as much in centimetres and pixels
    added = {"obj_distance_occ_na": 0.5, "obj_obj_distance_occ_na": 0.5, "obj_size_occ_na": 50, "obj_count_occ_na": 1}
    broken = [row for row in rows if row["question_type"] in added]
    assert {row["question_type"] for row in broken} == set(added)
    for row in broken:
        value = float(row["ground_truth"]) + added[row["question_type"]]
        lie = f"{value:.{len(row['ground_truth'].partition('.')[2])}f}"
        found = mismatches(row | {"ground_truth": lie, "completion": build_completion(lie)}, measures)
        assert set(found) == {"answer from scene", "answer from evidence"}
        assert all(text.endswith(f" -> {lie}") for text in found.values())


def test_swapped_answers_are_found(rows, measures):
    for row in (row for row in rows if row["answer_format"] == "choice"):
        k = ord(row["mc_answer"]) - ord("A") - 1  # the option before, or the last one
        lie, text = row["options"][k][0], option_texts(row)[k]
        changes = {"mc_answer": lie, "ground_truth": text, "completion": build_completion(lie)}
        assert set(mismatches(row | changes, measures)) == {"answer from scene", "answer from evidence"}


@pytest.mark.parametrize("name", ["visible_pixels", "amodal_pixels", "extended_pixels", "occlusion"])
def test_broken_evidence_is_found(rows, measures, name):
    for row in rows[::5]:
        evidence = json.loads(row["evidence"])
        evidence["targets"][0]["views"][0][name] = 7
        found = mismatches(row | {"evidence": json.dumps(evidence)}, measures)
        assert found["evidence"].startswith(f"{name} ")


def test_what_is_known_less_well_is_not_asked(rows, measures, monkeypatch):
    """A length must be ten times its error, to which the error of each bound belongs."""
    lengths = [row for row in rows if row["task"] != "object_count" and row["answer_format"] == "number"]
    monkeypatch.setattr(measures, "extent_error_m", lambda k: 1.0)
    for row in lengths:
        assert "10 x its error" in mismatches(row, measures)["answer from scene"]
