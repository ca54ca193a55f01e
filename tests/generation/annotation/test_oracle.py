"""Every (frame, instance) of an office of 54 instances against a reference made without any ray-casting library."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import trimesh

from generation.annotation.annotate import annotate_scene
from generation.geometry import Camera
from generation.scenes.base import Frame, Instance, Scene, SceneMesh, check_scene


FIXTURE = Path(__file__).resolve().parents[3] / "../shared/fixtures/scannetpp_mini"
pytestmark = pytest.mark.skipif(not FIXTURE.exists(), reason="the fixture ../shared/fixtures/scannetpp_mini is absent")


@pytest.fixture(scope="module")
def found_and_expected():
    """The annotation and the oracle's columns, each `(F, K)`."""
    (folder,) = (FIXTURE / "data").iterdir()
    instances = pq.read_table(FIXTURE / "oracle/instances.parquet").to_pylist()
    mesh = trimesh.load(folder / "scans/mesh_aligned_0.05_semantic.ply", process=False)
    segments = np.array(json.loads((folder / "scans/segments.json").read_text(encoding="utf-8"))["segIndices"])
    groups = json.loads((folder / "scans/segments_anno.json").read_text(encoding="utf-8"))["segGroups"]
    id_of_segment = np.zeros(segments.max() + 1, dtype=int)
    for group in groups:
        id_of_segment[group["segments"]] = group["objectId"]
    poses = json.loads((folder / "iphone/pose_intrinsic_imu.json").read_text(encoding="utf-8"))
    scene = check_scene(
        Scene(
            source="scannetpp",
            domain="indoor",
            scene_name=folder.name,
            mesh=SceneMesh(
                np.array(mesh.vertices), np.array(mesh.faces), id_of_segment[segments[np.array(mesh.faces)[:, 0]]]
            ),
            instances=tuple(Instance(row["instance_id"], row["label"], row["is_structure"]) for row in instances),
            frames=tuple(
                Frame(name, Camera(640, 480, np.array(pose["intrinsic"]), np.array(pose["aligned_pose"])))
                for name, pose in sorted(poses.items())
            ),
        )
    )
    table = pq.read_table(FIXTURE / "oracle/visibility.parquet").sort_by(
        [
            ("frame", "ascending"),
            ("instance_id", "ascending"),
        ]
    )
    shape = (len(poses), len(instances))
    return annotate_scene(scene, seed=0, with_structure=True), {
        name: np.nan_to_num(np.array(table[name].to_numpy(), dtype=float)).reshape(shape)
        for name in table.column_names
        if table[name].type not in ("string", "bool")
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("visible_pixels", "visible_pixels"),
        ("amodal_pixels", "amodal_pixels"),
        ("extended_pixels", "amodal_pixels_extended"),
    ],
)
def test_pixel_counts(found_and_expected, ours, theirs):
    annotation, oracle = found_and_expected
    error = np.abs(getattr(annotation, ours) - oracle[theirs])
    assert (error <= np.maximum(3, 0.003 * oracle[theirs])).all()


@pytest.mark.parametrize("kind", ["visible", "amodal"])
def test_boxes(found_and_expected, kind):
    annotation, oracle = found_and_expected
    expected = np.stack([oracle[f"{kind}_{side}"] for side in ("x0", "y0", "x1", "y1")], axis=2)
    assert np.abs(getattr(annotation, f"{kind}_box") - expected).max() <= 1


def test_depths(found_and_expected):
    annotation, oracle = found_and_expected
    seen = (annotation.visible_pixels > 0) & (oracle["visible_pixels"] > 0)
    np.testing.assert_allclose(annotation.depth_min_m[seen], oracle["depth_min"][seen], atol=1e-3)
    np.testing.assert_allclose(annotation.depth_mean_m[seen], oracle["depth_mean"][seen], atol=1e-3)


def test_centre_distances(found_and_expected):
    # the oracle's centre is that of the axis-parallel box: ours is the same for a thing that is symmetrical to it
    annotation, oracle = found_and_expected
    rows = pq.read_table(FIXTURE / "oracle/instances.parquet").to_pylist()
    centres = np.array([[row["centre_x"], row["centre_y"], row["centre_z"]] for row in rows])
    same = np.linalg.norm(annotation.box_centres - centres, axis=1) < 1e-4
    assert same.sum() >= 35
    assert np.abs(annotation.centre_distance_m - oracle["centre_distance"])[:, same].max() < 1e-3
    assert np.linalg.norm(annotation.box_centres - centres, axis=1).max() < 0.05  # plants and turned chairs
