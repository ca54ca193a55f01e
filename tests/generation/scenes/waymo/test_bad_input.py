"""Damaged segments: each is refused with a message that names the file, and the run sets it aside."""

import numpy as np
import pyarrow as pa
import pytest

from generation.pipeline import generate
from generation.scenes.base import SceneError
from generation.scenes.waymo.components import COMPONENTS
from generation.scenes.waymo.source import WaymoSource
from generation.settings import GenerateSettings


SEGMENT = "7315028846190273554_2140_000_2160_000"
REQUIRED = sorted(set(COMPONENTS) - {"camera_to_lidar_box_association", "camera_calibration"})


def changed(column: str, values) -> pa.Table:
    """Function from a table to the one whose column is what `values` makes of its values."""

    def change(table: pa.Table) -> pa.Table:
        at = table.schema.get_field_index(column)
        return table.set_column(at, column, pa.array(values(table[column].to_pylist()), table.schema.field(at).type))

    return change


def first(value):
    return lambda values: [value, *values[1:]]


def refused(root, match: str) -> None:
    with pytest.raises(SceneError, match=f"(?s){SEGMENT}.*{match}"):
        scene = WaymoSource(root).load(SEGMENT)
        list(scene.drive.sweeps())


@pytest.mark.parametrize("component", REQUIRED)
def test_a_component_is_missing(altered, component):
    refused(altered(**{component: None}), f"{component}.*is missing.*download")


def test_no_calibrations_at_all(altered):
    with pytest.raises(SceneError, match=r"holds no file .*camera_calibration.*Download the components"):
        WaymoSource(altered(camera_calibration=None)).scene_names()


def test_the_root_is_another_folder(tmp_path):
    with pytest.raises(SceneError, match="neither a folder `training` nor `validation`"):
        WaymoSource(tmp_path)


@pytest.mark.parametrize("component", ["lidar", "lidar_box", "camera_image"])
def test_a_file_is_cut_short(fixture, altered, component):
    data = (fixture / f"training/{component}/{SEGMENT}.parquet").read_bytes()
    refused(altered(**{component: data[: len(data) // 2]}), f"{component}.*not readable as Parquet.*copy it again")


def test_bytes_within_a_file_are_damaged(fixture, altered):
    data = bytearray((fixture / f"training/lidar_pose/{SEGMENT}.parquet").read_bytes())
    data[1000 : len(data) // 2] = bytes(len(data) // 2 - 1000)
    refused(altered(lidar_pose=bytes(data)), "lidar_pose.*(not readable as Parquet|Copy|copy)")


@pytest.mark.parametrize("kind", [0, 9])
@pytest.mark.parametrize(("component", "name"), [("lidar_box", "LiDARBox"), ("camera_box", "CameraBox")])
def test_an_unknown_type_of_box(altered, component, name, kind):
    root = altered(**{component: changed(f"[{name}Component].type", first(kind))})
    refused(root, f"{component}.*type {kind}.*1 vehicle, 2 pedestrian, 3 sign, 4 cyclist")


@pytest.mark.parametrize("component", ["camera_image", "camera_box", "lidar_box"])
def test_a_row_of_no_known_time(altered, component):
    refused(altered(**{component: changed("key.frame_timestamp_micros", first(77))}), "timestamp 77.*no pose")


@pytest.mark.parametrize("component", ["lidar", "lidar_pose"])
def test_a_segment_without_its_top_lidar(altered, component):
    root = altered(**{component: changed("key.laser_name", lambda values: [max(value, 2) for value in values])})
    refused(root, f"({component}.*lacks the top lidar .* at 8 of 8)|more than once")


def test_one_sweep_is_missing(altered):
    def without(table: pa.Table) -> pa.Table:
        return table.slice(1)

    refused(altered(lidar_pose=without), "lidar_pose.*lacks the top lidar .* at 1 of 8")


def test_a_key_that_comes_twice(altered):
    refused(altered(vehicle_pose=lambda table: pa.concat_tables([table, table.slice(0, 1)])), "more than once")


def test_rows_of_another_segment(altered):
    refused(altered(lidar_box=changed("key.segment_context_name", first("another"))), "segment 'another'")


def test_poses_of_single_precision(altered):
    def single(table: pa.Table) -> pa.Table:
        name = "[VehiclePoseComponent].world_from_vehicle.transform"
        at = table.schema.get_field_index(name)
        return table.set_column(at, name, table[name].cast(pa.list_(pa.float32(), 16)))

    refused(altered(vehicle_pose=single), "transform.*is of type .*float.*not one of matrix")


def test_a_column_is_missing(altered):
    root = altered(lidar_box=lambda table: table.drop_columns("[LiDARBoxComponent].box.heading"))
    refused(root, "no column .*box.heading")


def test_an_object_of_two_types(altered):
    refused(altered(lidar_box=changed("[LiDARBoxComponent].type", lambda values: [1] * 150 + values[150:])), "of type")


def test_a_box_of_no_size(altered):
    root = altered(lidar_box=changed("[LiDARBoxComponent].box.size.z", first(-1.0)))
    refused(root, "sizes positive")


def test_a_segment_without_boxes(altered):
    refused(altered(lidar_box=lambda table: table.slice(0, 0)), "has no boxes")


def test_a_camera_without_calibration(altered):
    refused(altered(camera_calibration=lambda table: table.slice(1)), "camera .*no calibration")


def test_a_range_image_of_the_wrong_size(altered):
    def cut(table: pa.Table) -> pa.Table:
        name = "[LiDARPoseComponent].range_image_return1.values"
        at = table.schema.get_field_index(name)
        rows = [values[:-6] for values in table[name].to_pylist()]
        return table.set_column(at, name, pa.array(rows, table.schema.field(at).type))

    refused(altered(lidar_pose=cut), "lidar_pose.*values and the shape")


def test_poses_that_are_no_numbers(altered, tmp_path):
    def broken(values):
        return [[np.nan] * 16, *values[1:]]

    root = altered(camera_image=changed("[CameraImageComponent].pose.transform", broken))
    settings = GenerateSettings(source="waymo", root=root, out=tmp_path / "out")
    with pytest.raises(SceneError, match="None of the 1 scenes could be used.*not finite"):
        generate(settings)


def test_a_damaged_segment_is_set_aside(altered, tmp_path):
    root = altered(camera_box=None)
    with pytest.raises(SceneError, match=f"None of the 1 scenes could be used.*{SEGMENT}.*camera_box.*is missing"):
        generate(GenerateSettings(source="waymo", root=root, out=tmp_path / "out"))
