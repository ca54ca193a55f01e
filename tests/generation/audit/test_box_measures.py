"""The audit of drives: its own numbers against the annotation's, and whether it notices what is wrong.

The altered segment has lenses with all five coefficients and cameras whose columns are exposed one after the other
while the car moves and turns, so that the two ways to project are compared too.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.reader import load_rows
from dataset_builder.schema import build_completion
from generation.annotation.annotate import annotate_scene
from generation.annotation.scene_annotation import VISIBILITY_NAMES
from generation.audit.audit import ROW_COLUMNS, audit, audit_scene
from generation.audit.box_measures import DriveMeasures, measures_of
from generation.audit.box_polygons import area, clip, gap, holds, hull
from generation.audit.report import AuditReport
from generation.audit.settings import AuditSettings
from generation.pipeline import generate
from generation.scenes.waymo.source import WaymoSource
from generation.settings import GenerateSettings


FIXTURE = Path(__file__).resolve().parents[3] / "../shared/fixtures/waymo_mini"
pytestmark = pytest.mark.skipif(not FIXTURE.exists(), reason="the fixture ../shared/fixtures/waymo_mini is absent")


def with_moving_lenses(root: Path) -> Path:
    """The segment as cameras with lenses and rolling shutters would have been described."""
    lens = {"k1": 0.04, "k2": -0.34, "p1": 0.001, "p2": -0.0005, "k3": 0.05}
    for source in FIXTURE.glob("training/*/*.parquet"):
        target = root / "training" / source.parent.name / source.name
        target.parent.mkdir(parents=True)
        if source.parent.name not in ("camera_calibration", "camera_image"):
            target.symlink_to(source.resolve())
            continue
        table = pq.read_table(source)
        values = {f"[CameraCalibrationComponent].intrinsic.{name}": one for name, one in lens.items()}
        values["[CameraCalibrationComponent].rolling_shutter_direction"] = None  # 2 or 4, by camera
        values |= {f"[CameraImageComponent].velocity.linear_velocity.{one}": 9.0 for one in "xy"}
        values["[CameraImageComponent].velocity.angular_velocity.z"] = 0.3
        times = table["[CameraImageComponent].pose_timestamp"].to_numpy() if "pose" in str(table.schema) else None
        for name in set(values) & set(table.column_names):
            column = (
                np.full(len(table), values[name]) if values[name] is not None else np.arange(len(table)) % 2 * 2 + 2
            )
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, pa.array(column.astype(table.schema.field(at).type.to_pandas_dtype())))
        if times is not None:
            for name, later in (("shutter", None), ("camera_trigger_time", -0.02), ("camera_readout_done_time", 0.02)):
                column = f"[CameraImageComponent].rolling_shutter_params.{name}"
                stored = pa.array(np.full(len(table), 0.002) if later is None else times + later)
                table = table.set_column(table.schema.get_field_index(column), column, stored)
        pq.write_table(table, target)
    return root


@pytest.fixture(scope="module")
def plain_measures() -> DriveMeasures:
    source = WaymoSource(FIXTURE)
    return measures_of(source.load(source.scene_names()[0]), seed=0)


@pytest.fixture(scope="module", params=["as it is", "with lenses and rolling shutters"])
def measures(request, plain_measures, tmp_path_factory) -> DriveMeasures:
    if request.param == "as it is":
        return plain_measures
    source = WaymoSource(with_moving_lenses(tmp_path_factory.mktemp("lenses")), frames=2)
    return measures_of(source.load(source.scene_names()[0]), seed=0)


@pytest.fixture(scope="module")
def annotation(measures):
    return annotate_scene(measures.scene, seed=0)


def test_every_number_of_every_frame_is_found_again(annotation, measures):
    for f, frame in enumerate(annotation.frame_ids.tolist()):
        for k, instance in enumerate(annotation.instance_ids.tolist()):
            seen = measures.frame(frame)[instance]
            where = f"instance {instance} in {frame}"
            assert seen.visible == annotation.visible_pixels[f, k], where
            assert seen.amodal == annotation.amodal_pixels[f, k], where
            assert seen.extended == annotation.extended_pixels[f, k], where
            assert seen.in_doubt == tuple(annotation.doubtful_pixels[f, k].tolist()), where
            assert measures.visibility(frame, instance) == VISIBILITY_NAMES[annotation.visibility[f, k]], where
            if seen.visible:
                assert seen.box == tuple(annotation.visible_box[f, k].tolist()), where


def test_every_place_is_found_again(annotation, measures):
    for f, frame in list(enumerate(annotation.frame_ids.tolist()))[::7]:
        for k, instance in enumerate(annotation.instance_ids.tolist()):
            angles = measures.angles_deg(frame, instance)
            if angles is None:
                assert np.isnan(annotation.angles_deg[f, k]).any()
            else:
                np.testing.assert_allclose(annotation.angles_deg[f, k], angles, atol=1e-6)
            for name, tolerance in (("nearest_m", 1e-6), ("mean_m", 1e-4), ("centre_distance_m", 1e-6)):
                found, expected = getattr(annotation, name)[f, k], getattr(measures, name)(frame, instance)
                assert np.isnan(found) if expected is None else found == pytest.approx(expected, abs=tolerance)


def test_every_direction_is_found_again(annotation, measures):
    count = len(annotation.labels)
    for f, frame in list(enumerate(annotation.frame_ids.tolist()))[::13]:
        for axis, signs in annotation.directions.items():
            for a in range(0, count, 3):
                for b in range(1, count, 4):
                    found = measures.sign(frame, axis, a + 1, b + 1)
                    assert found == signs[f, a, b], (frame, axis, a, b)


def test_overlaps_are_found_again(annotation, measures):
    frames = annotation.frame_ids.tolist()
    for a in range(0, len(frames), 3):
        for b in range(0, len(frames), 5):
            assert measures.overlap(frames[a], frames[b]) == pytest.approx(annotation.overlap[a, b], abs=0.05)


def test_distances_of_things_are_found_again(annotation, measures):
    count = len(measures.surfaces.drive.tracks.types)
    checked = 0
    for a in range(0, count, 2):
        for b in range(1, count, 3):
            expected = measures.closest_m(a + 1, b + 1)
            found = annotation.closest_m[a, b]
            assert np.isnan(found) if np.isnan(expected) else found == pytest.approx(expected, abs=2e-3)
            checked += not np.isnan(expected)
    assert checked > 20


# -- whole datasets


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    settings = GenerateSettings(
        source="waymo", root=FIXTURE, out=tmp_path_factory.mktemp("waymo") / "drives", view_sets=120, questions=12
    )
    generate(settings)
    return settings.out


def test_a_dataset_of_drives_has_no_mismatch(folder):
    report = audit(AuditSettings(folder=folder, root=FIXTURE))
    assert not report.mismatches
    assert report.rows > 60


def test_rows_are_without_pixels(folder):
    rows = list(load_rows(folder))
    assert all(row["images"] is None for row in rows)
    assert {row["domain"] for row in rows} == {"outdoor"}
    assert not {row["question_type"] for row in rows} & {"obj_size_occ_na", "obj_attribute_occ_lr"}


def test_names_may_tell_the_frame_that_shows_the_thing(folder):
    rows = list(load_rows(folder, columns=("question",)))
    assert any(") of Frame " in row["question"] for row in rows)


def found_wrong(row: dict, measures: DriveMeasures) -> set[str]:
    report = AuditReport()
    audit_scene([row], measures, report)
    return {one.check for one in report.mismatches}


def test_wrong_answers_are_noticed(folder, plain_measures):
    of_type = {row["question_type"]: row for row in load_rows(folder, columns=ROW_COLUMNS)}
    for kind, row in of_type.items():
        if row["answer_format"] == "number":
            wrong = (
                f"{1.05 * float(row['ground_truth']) + 1:.2f}"
                if "distance" in kind
                else str(int(row["ground_truth"]) + 1)
            )
            wrong = {**row, "ground_truth": wrong, "completion": build_completion(wrong)}
            assert "answer from scene" in found_wrong(wrong, plain_measures), kind


def test_another_frame_of_a_name_is_noticed(folder, plain_measures):
    """The same place in another view is no box of that thing."""
    changed = 0
    for row in load_rows(folder, columns=ROW_COLUMNS):
        number = row["question"].partition(") of Frame ")[2][:1]
        if not number or len(row["frames"]) < 3:
            continue
        other = str(int(number) % len(row["frames"]) + 1)
        wrong = {**row, "question": row["question"].replace(f") of Frame {number}", f") of Frame {other}")}
        assert found_wrong(wrong, plain_measures), row["question"]
        changed += 1
        if changed == 10:
            return
    assert changed


def test_a_thing_that_moved_is_noticed(plain_measures):
    """What goes has another place at every moment; at one moment nothing does, and what stands never does."""
    frames = list(plain_measures.frames)
    by_moment = {frame.partition("_")[0]: frame for frame in frames}
    moments = list(by_moment.values())
    moving = [k + 1 for k, still in enumerate(plain_measures.surfaces.places.still) if not still]
    assert any(plain_measures.moved(moments, k) for k in moving)
    assert not any(plain_measures.moved(moments[:1] * 2, k) for k in moving)
    still = [k + 1 for k, one in enumerate(plain_measures.surfaces.places.still) if one]
    assert not any(plain_measures.moved(moments, k) for k in still)


# -- plain geometry


def test_polygons_by_hand():
    square = hull([(0, 0), (2, 0), (2, 2), (0, 2), (1, 1), (1, 0)])
    assert len(square) == 4
    assert area(square) == pytest.approx(4)
    assert area(clip(square, hull([(1, 1), (3, 1), (3, 3), (1, 3)]))) == pytest.approx(1)
    assert clip(square, hull([(5, 5), (6, 5), (6, 6)])) == []
    assert gap(square, hull([(3, 3), (4, 3), (4, 4), (3, 4)])) == pytest.approx(np.sqrt(2))
    assert gap(square, hull([(4, -9), (5, -9), (5, 9), (4, 9)])) == pytest.approx(2)
    assert holds(square, np.array([(1, 1), (3, 1), (-0.1, 1)])).tolist() == [True, False, False]
    assert hull([(0, 0), (1, 1), (2, 2)]) == []


def test_a_drive_is_not_measured_as_a_mesh(plain_measures):
    assert plain_measures.scene.mesh is None
    assert replace(plain_measures.scene, drive=None).points is None
