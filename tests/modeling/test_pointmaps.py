"""Point maps from depth, from points and from COLMAP, against projections written out by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from modeling_spatialmosaic import SpatialMosaicImageProcessor
from modeling_spatialmosaic.pointmaps import (
    PointmapCollator,
    pointmaps_from_colmap,
    pointmaps_from_depth,
    pointmaps_from_points,
    prepare_pointmaps,
)


INTRINSICS = np.array([[40.0, 0, 16], [0, 50.0, 12], [0, 0, 1]])
COLMAP_FIXTURE = Path(__file__).resolve().parents[3] / "shared/fixtures/scannetpp_mini/data/3fa81c07de/iphone/colmap"


def random_pose(rng: np.random.Generator) -> np.ndarray:
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    return np.block([[rotation, rng.normal(size=(3, 1))], [np.zeros(3), np.ones(1)]])


class TestFromDepth:
    def test_one_pixel_by_hand(self):
        """The pixel right of the principal point by half a pixel, 2 m away, seen from 1 m above the origin."""
        world_from_cam = np.array([[0.0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 1], [0, 0, 0, 1]])  # looks along +x
        depth_m = np.zeros((1, 24, 32))
        depth_m[0, 12, 16] = 2
        pointmap = pointmaps_from_depth(depth_m, INTRINSICS[None], world_from_cam[None])[0]
        assert pointmap[3].sum() == 1
        # half a pixel is 0.5 / 40 * 2 m to the right, world -y; 0.5 / 50 * 2 m down, world -z
        np.testing.assert_allclose(pointmap[:, 12, 16], [2, -0.025, 1 - 0.02, 1], atol=1e-6)

    def test_points_project_to_the_centre_of_their_pixel(self):
        rng = np.random.default_rng(0)
        poses = np.stack([random_pose(rng) for _ in range(3)])
        depth_m = rng.uniform(0.5, 5, (3, 24, 32))
        pointmaps = pointmaps_from_depth(depth_m, np.stack([INTRINSICS] * 3), poses)
        assert pointmaps.shape == (3, 4, 24, 32) and pointmaps.dtype == np.float32
        for pointmap, pose, depth in zip(pointmaps, poses, depth_m, strict=True):
            for row, column in rng.integers((24, 32), size=(20, 2)):
                x, y, z = np.linalg.inv(pose)[:3] @ [*pointmap[:3, row, column], 1]
                assert z == pytest.approx(depth[row, column], abs=1e-5)
                assert 40 * x / z + 16 == pytest.approx(column + 0.5, abs=1e-3)
                assert 50 * y / z + 12 == pytest.approx(row + 0.5, abs=1e-3)

    def test_unknown_depths(self):
        depth_m = np.full((1, 4, 4), 2.0)
        depth_m[0, 0] = [0, np.nan, np.inf, -1]
        pointmap = pointmaps_from_depth(depth_m, INTRINSICS[None], np.eye(4)[None])[0]
        assert (pointmap[:, 0] == 0).all() and (pointmap[3, 1:] == 1).all()

    @pytest.mark.parametrize(
        ("intrinsics", "poses", "match"),
        [
            (INTRINSICS, np.eye(4)[None], r"`intrinsics` must have shape \(1, 3, 3\) for 1 frames, got \(3, 3\)"),
            (INTRINSICS[None], np.eye(4)[None, :3], r"`world_from_cam` must have shape \(1, 4, 4\).*got \(1, 3, 4\)"),
        ],
    )
    def test_wrong_shapes(self, intrinsics, poses, match):
        with pytest.raises(ValueError, match=match):
            pointmaps_from_depth(np.ones((1, 4, 4)), intrinsics, poses)


def test_points_and_their_validity():
    points = np.arange(24.0).reshape(1, 2, 4, 3)
    valid = np.ones((1, 2, 4))
    valid[0, 0, 0] = 0
    points[0, 1, 3, 1] = np.nan
    pointmap = pointmaps_from_points(points, valid)[0]
    assert pointmap[3].tolist() == [[0, 1, 1, 1], [1, 1, 1, 0]]
    assert pointmap[:, 0, 2].tolist() == [6, 7, 8, 1]
    assert not pointmap[:, 1, 3].any()
    with pytest.raises(ValueError, match=r"got \(1, 2, 4, 3\) and \(1, 2\)"):
        pointmaps_from_points(points, valid[:, :, 0])


class TestFromColmap:
    @pytest.fixture
    def folder(self, tmp_path):
        """One camera at the origin, one 1 m to its right; four points, of which two share a coarse pixel."""
        pytest.importorskip("pycolmap", reason="pycolmap is optional and not installed")
        (tmp_path / "cameras.txt").write_text("1 PINHOLE 32 24 40 50 16 12\n", encoding="utf-8")
        (tmp_path / "images.txt").write_text(
            # qw qx qy qz tx ty tz; then x y point of every keypoint, -1 where it was not triangulated
            "1 1 0 0 0 0 0 0 1 left.jpg\n16 12 1 26.5 12.5 2 3.5 4.5 -1 17.9 13.9 4\n"
            "2 1 0 0 0 -1 0 0 1 right.jpg\n6 12 3\n",
            encoding="utf-8",
        )
        (tmp_path / "points3D.txt").write_text(
            "1 0 0 2 0 0 0 0.1 1 0\n2 1.05 0.04 4 0 0 0 0.1 1 1\n"
            "3 0 0 4 0 0 0 0.1 2 0\n4 0.19 0.152 4 0 0 0 0.1 1 3\n",
            encoding="utf-8",
        )
        return tmp_path

    def test_every_point_at_its_pixel(self, folder):
        right, left = pointmaps_from_colmap(folder, ["right.jpg", "left.jpg"], width=32)
        assert left.shape == right.shape == (4, 24, 32)
        assert left[3].sum() == 3 and right[3].sum() == 1
        np.testing.assert_allclose(left[:, 12, 16], [0, 0, 2, 1])
        np.testing.assert_allclose(left[:, 12, 26], [1.05, 0.04, 4, 1], rtol=1e-6)
        np.testing.assert_allclose(left[:, 13, 17], [0.19, 0.152, 4, 1], rtol=1e-6)
        np.testing.assert_allclose(right[:, 12, 6], [0, 0, 4, 1])

    def test_the_nearer_of_two_points_in_a_pixel_wins(self, folder):
        (left,) = pointmaps_from_colmap(folder, ["left.jpg"], width=16)
        assert left.shape == (4, 12, 16) and left[3].sum() == 2
        np.testing.assert_allclose(left[:, 6, 8], [0, 0, 2, 1])

    def test_bad_input(self, folder):
        with pytest.raises(ValueError, match="must hold the pose of every image asked for; it lacks 'other.jpg'"):
            pointmaps_from_colmap(folder, ["left.jpg", "other.jpg"], width=32)
        with pytest.raises(ValueError, match="cannot be read as a COLMAP reconstruction"):
            pointmaps_from_colmap(folder / "nowhere", ["left.jpg"], width=32)

    def test_a_whole_reconstruction(self):
        """Reprojecting the points gives the pixels that they were put at."""
        pycolmap = pytest.importorskip("pycolmap", reason="pycolmap is optional and not installed")
        if not COLMAP_FIXTURE.is_dir():
            pytest.skip("The fixture scans are not beside this repository")
        reconstruction = pycolmap.Reconstruction(COLMAP_FIXTURE)
        image = next(image for image in reconstruction.images.values() if len(image.points2D) > 100)
        camera = reconstruction.cameras[image.camera_id]
        (pointmap,) = pointmaps_from_colmap(COLMAP_FIXTURE, [image.name], width=camera.width)
        rows, columns = np.nonzero(pointmap[3])
        assert len(rows) > 100
        cam_from_world = image.cam_from_world().matrix()
        in_cam = pointmap[:3, rows, columns].T @ cam_from_world[:, :3].T + cam_from_world[:, 3]
        pixels = np.array([camera.img_from_cam(point[None])[0] for point in in_cam])
        offset = pixels - (np.stack([columns, rows], axis=1) + 0.5)
        assert np.abs(offset).max() < 1.1  # half a pixel of rounding, and the noise of the keypoints


def test_without_pycolmap(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pycolmap", None)
    with pytest.raises(ImportError, match="pip install pycolmap"):
        pointmaps_from_colmap(tmp_path, ["a.jpg"], width=32)


class TestPrepare:
    @pytest.mark.parametrize("size", [(120, 160), (160, 120), (56, 112), (300, 100)])
    def test_maps_follow_their_images(self, size):
        """A ramp in the image and the same ramp in the map: after both preparations they still agree."""
        height, width = size
        rows = np.linspace(0, 1, height)[:, None].repeat(width, 1)
        columns = np.linspace(0, 1, width)[None].repeat(height, 0)
        ramp = np.stack([rows, columns, np.zeros(size)])
        pointmap = np.concatenate([ramp, np.ones((1, *size))]).astype(np.float32)
        image = Image.fromarray((ramp.transpose(1, 2, 0) * 255).round().astype(np.uint8))
        pixels = SpatialMosaicImageProcessor(image_size=112)(image, return_tensors="pt").pixel_values
        values = prepare_pointmaps([pointmap], 112, 14)
        assert values.shape == (1, 4, *pixels.shape[2:])
        assert (values[:, 3] == 1).all()
        assert (values[:, :3] - pixels).abs().max() < 0.02

    def test_smaller_maps_are_padded_with_invalid_pixels(self):
        tall, flat = np.ones((4, 100, 100), np.float32), np.ones((4, 50, 100), np.float32)
        values = prepare_pointmaps([tall, flat], 112, 14)
        assert values.shape == (2, 4, 112, 112)
        assert values[1, 3].sum(dim=1).tolist() == [0] * 28 + [112] * 56 + [0] * 28

    def test_no_new_points_are_made(self):
        rng = np.random.default_rng(0)
        pointmap = rng.normal(size=(4, 30, 40)).astype(np.float32)
        values = prepare_pointmaps([pointmap], 56, 14)[0].flatten(1).T.numpy()
        given = {tuple(point) for point in pointmap.reshape(4, -1).T}
        assert all(tuple(point) in given for point in values)

    def test_wrong_shape(self):
        with pytest.raises(ValueError, match=r"must have shape \(4, H, W\), got \(3, 8, 8\)"):
            prepare_pointmaps([np.zeros((3, 8, 8))], 56, 14)


class TestCollator:
    def test_maps_are_flat_over_the_batch(self):
        seen = []
        collator = PointmapCollator(lambda rows: seen.extend(rows) or {}, SpatialMosaicImageProcessor(image_size=56))
        rows = [
            {"images": ["a", "b"], "pointmaps": [np.full((4, 42, 56), k) for k in (1, 2)]},
            {"images": [], "pointmaps": []},
            {"images": ["c"], "pointmaps": [np.full((4, 42, 56), 3).tolist()]},
        ]
        values = collator(rows)["geometry_values"]
        assert values.shape == (3, 4, 42, 56) and values.dtype == torch.float32
        assert values[:, 0, 0, 0].tolist() == [1, 2, 3]
        assert all("pointmaps" not in row for row in seen) and "pointmaps" in rows[0]

    def test_rows_without_images(self):
        collator = PointmapCollator(lambda rows: {}, SpatialMosaicImageProcessor(image_size=56))
        assert collator([{"images": [], "pointmaps": []}]) == {}

    def test_maps_that_do_not_match_the_images(self):
        collator = PointmapCollator(lambda rows: {}, SpatialMosaicImageProcessor(image_size=56))
        with pytest.raises(ValueError, match="Found 2 images and 0 maps in row 0"):
            collator([{"images": ["a", "b"], "pointmaps": []}])
