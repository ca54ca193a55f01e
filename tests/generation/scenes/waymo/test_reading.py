"""The reader against the renderer's record of the synthetic segment, and against the same rows in another order."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from generation.proposals import proposals_key
from generation.scenes import SOURCES
from generation.scenes.base import Scene
from generation.scenes.checks import check_scene
from generation.scenes.waymo.source import WaymoSource
from generation.settings import GenerateSettings


@pytest.fixture(scope="module")
def scene(fixture) -> Scene:
    source = WaymoSource(fixture)
    return check_scene(source.load(source.scene_names()[0]))


def oracle(fixture: Path, name: str) -> list[dict]:
    return pq.read_table(fixture / f"oracle/{name}.parquet").to_pylist()


def test_it_is_a_source_with_its_splits(fixture):
    assert "waymo" in SOURCES
    assert WaymoSource(fixture).splits() == {"7315028846190273554_2140_000_2160_000": "train"}


def test_instances_are_the_labelled_objects_by_type(fixture, scene):
    labels = {1: "vehicle", 2: "pedestrian", 3: "sign", 4: "cyclist"}
    expected = {row["laser_object_id"]: labels[row["type"]] for row in oracle(fixture, "objects") if row["labelled"]}
    tracks = scene.drive.tracks.track_ids
    found = {track: one.label for track, one in zip(tracks, scene.instances, strict=False)}
    assert set(found) <= set(expected)
    assert all(expected[track] == label for track, label in found.items())
    # one for what nobody labelled, of each type
    assert [one.label for one in scene.instances[len(tracks) :]] == list(labels.values())


def test_cameras_and_boxes_are_where_the_renderer_had_them(fixture, scene):
    drive = scene.drive
    index = {frame.frame_id: f for f, frame in enumerate(scene.frames)}
    place = {track: k for k, track in enumerate(drive.tracks.track_ids)}
    checked = 0
    for row in oracle(fixture, "visibility"):
        f, k = index[f"{row['frame_timestamp_micros']}_{row['camera_name']}"], place.get(row["laser_object_id"])
        s = drive.moment[f]
        if k is None or not drive.tracks.labelled[s, k]:
            continue
        pose, camera = drive.world_from_vehicle[s], scene.frames[f].camera
        centre = pose[:3, :3] @ drive.tracks.centre[s, k] + pose[:3, 3]
        assert np.linalg.norm(centre - camera.centre) == pytest.approx(row["centre_distance"], abs=2e-3)
        if row["centre_u"] is not None:
            (pixel,), (depth_m,) = camera.project(centre[None])
            assert depth_m == pytest.approx(row["centre_depth"], abs=2e-3)
            if depth_m > 1:
                np.testing.assert_allclose(pixel, (row["centre_u"], row["centre_v"]), atol=0.5)
        checked += 1
    assert checked > 1000


def test_every_point_that_hit_a_labelled_object_lies_in_its_box(fixture, scene):
    tracks = scene.drive.tracks
    place = {track: k for k, track in enumerate(tracks.track_ids)}
    track_of = {row["object_id"]: place.get(row["laser_object_id"]) for row in oracle(fixture, "objects")}
    on_objects = 0
    for sweep in scene.drive.sweeps():
        s = sweep.moment
        with Image.open(fixture / f"oracle/lidar_instance/{scene.drive.timestamps[s]}_1.png") as image:
            hit = np.array(image)
        hit = hit[hit > 0]  # the first returns come first, row by row
        pose = scene.drive.world_from_vehicle[s]
        points = (sweep.points[: len(hit)] - pose[:3, 3]) @ pose[:3, :3]
        for object_id in np.unique(hit):
            k = track_of[object_id]
            if k is None or not tracks.labelled[s, k]:
                continue
            x, y, z = (points[hit == object_id] - tracks.centre[s, k]).T
            cosine, sine = np.cos(tracks.heading[s, k]), np.sin(tracks.heading[s, k])
            local = np.stack([cosine * x + sine * y, cosine * y - sine * x, z], axis=1)
            assert (np.abs(local) <= tracks.size[s, k] / 2 + 0.002).all()
            on_objects += len(local)
    assert on_objects > 80_000


def shuffled(table: pa.Table) -> pa.Table:
    return table.take(np.random.default_rng(0).permutation(len(table)))


def test_order_of_rows_and_further_columns_mean_nothing(altered, scene):
    components = (
        "camera_image",
        "camera_calibration",
        "camera_box",
        "vehicle_pose",
        "lidar",
        "lidar_pose",
        "lidar_box",
    )
    root = altered(
        **dict.fromkeys(components, shuffled),
        lidar_calibration=lambda table: shuffled(table).append_column("index", pa.array(range(len(table)))),
    )
    again = WaymoSource(root).load(scene.scene_name)
    assert [frame.frame_id for frame in again.frames] == [frame.frame_id for frame in scene.frames]
    for ours, theirs in zip(again.drive.cameras, scene.drive.cameras, strict=True):
        np.testing.assert_array_equal(ours.camera.world_from_cam, theirs.camera.world_from_cam)
    np.testing.assert_array_equal(again.drive.tracks.centre, scene.drive.tracks.centre)
    sweeps = {sweep.moment: sweep for sweep in again.drive.sweeps()}
    for sweep in scene.drive.sweeps():
        np.testing.assert_array_equal(sweeps[sweep.moment].points, sweep.points)


def test_images_are_no_part_of_it(altered, scene):
    root = altered(camera_image=lambda table: table.drop_columns("[CameraImageComponent].image"))
    assert len(WaymoSource(root).load(scene.scene_name).frames) == len(scene.frames) == 40


def test_fewer_moments_are_evenly_spaced_and_ids_stay(fixture, scene):
    few = WaymoSource(fixture, frames=4).load(scene.scene_name)
    assert len(few.frames) == 20
    np.testing.assert_array_equal(few.drive.timestamps, scene.drive.timestamps[::2])
    assert few.instances == scene.instances
    np.testing.assert_array_equal(few.drive.tracks.centre, scene.drive.tracks.centre[::2])
    assert sorted(sweep.moment for sweep in few.drive.sweeps()) == [0, 1, 2, 3]


def test_photos_are_the_stored_files(fixture, scene):
    names = {scene.frames[3].frame_id, scene.frames[17].frame_id}
    photos = scene.drive.photos(names)
    assert set(photos) == names
    table = pq.read_table(fixture / f"training/camera_image/{scene.scene_name}.parquet")
    stored = zip(
        *(table[name].to_pylist() for name in ("key.frame_timestamp_micros", "key.camera_name")),
        table["[CameraImageComponent].image"].to_pylist(),
        strict=True,
    )
    assert photos.items() <= {f"{timestamp}_{camera}": image for timestamp, camera, image in stored}.items()


def test_a_changed_file_makes_the_scene_anew(altered, scene):
    """Folders hold files of many segments; of those only its own count."""
    root = altered(lidar_box=lambda table: table)
    settings = GenerateSettings(source="waymo", root=root)
    before = proposals_key(settings, scene.scene_name)
    (root / "training/lidar_box/another.parquet").write_bytes(b"")
    assert proposals_key(settings, scene.scene_name) == before
    path = root / f"training/lidar_box/{scene.scene_name}.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    assert proposals_key(settings, scene.scene_name) != before
