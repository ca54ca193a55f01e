import dataclasses
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from generation.rendering.denoise import smooth_within_surfaces
from generation.rendering.raycast import Hits, RayCaster
from generation.rendering.renderer import SceneRenderer
from generation.rendering.shading import LightModel, lifted
from generation.rendering.surface import SceneSurface
from generation.rendering.tone import encode_jpeg
from generation.scenes.appearance import Light, Material
from generation.scenes.base import SceneError


FLOOR = ((-3, -3, -0.1), (3, 3, 0))
SUN_ABOVE = Light("sun", (0, 0, 0), (0, 0, -1), (0, 0), (1, 1, 1))


def rendered(scene, seed=0):
    return SceneRenderer(scene).render(scene.frames[0].camera, np.random.default_rng(seed))


def value_at(frame, camera, point, radius=2):
    """Mean display value around the pixel of a world point."""
    (column, row), _ = (part[0] for part in camera.project(np.array([point], dtype=float)))
    rows, columns = (slice(int(centre) - radius, int(centre) + radius + 1) for centre in (row, column))
    return frame.rgb[rows, columns].mean(axis=(0, 1))


def test_two_boxes_by_hand(assemble, grey_box, camera_at):
    """Fronts at Z = 2 and 4 before a camera of focal length 100: columns 50 + 100 x / Z, rows 40 - 100 z / Z."""
    camera = camera_at((0, 0, 0), (0, 1, 0), width=100, height=80, focal=100)
    near = grey_box((-0.5, 2, -0.3), (0.1, 2.5, 0.3), 1)
    far = grey_box((-0.2, 4, -1.0), (1.0, 4.5, 1.0), 2)
    instance = np.zeros((80, 100), dtype=np.int32)
    instance[15:65, 45:75] = 2
    instance[25:55, 25:55] = 1
    frame = rendered(assemble([near, far], [SUN_ABOVE], cameras=[camera]))
    np.testing.assert_array_equal(frame.instance, instance)
    np.testing.assert_allclose(frame.depth_m, np.array([np.inf, 2, 4])[instance], rtol=1e-5)
    assert (frame.rgb.dtype, frame.depth_m.dtype, frame.instance.dtype) == (np.uint8, np.float32, np.int32)
    assert frame.rgb.shape == (80, 100, 3)


def test_depth_is_camera_z_and_not_distance(assemble, grey_box, camera_at):
    camera = camera_at((0, 0, 0), (0, 1, 0), width=100, height=80, focal=40)
    frame = rendered(assemble([grey_box((-9, 3, -9), (9, 4, 9), 1)], [SUN_ABOVE], cameras=[camera]))
    np.testing.assert_allclose(frame.depth_m, 3, rtol=1e-5)


def test_shadow_lies_where_the_blocker_stands_in_the_light(assemble, grey_box, camera_at):
    camera = camera_at((0, -2.5, 2.5), (0, 0, 0))
    plate = grey_box((0.2, -0.3, 0.8), (0.8, 0.3, 0.82), 1)
    frame = rendered(assemble([grey_box(*FLOOR), plate], [SUN_ABOVE], (0.1, 0.1, 0.1), [camera]))
    shadow, lit, mirrored = (value_at(frame, camera, (x, -0.2, 0))[0] for x in (0.5, -1.2, -0.5))
    assert shadow < 0.6 * lit
    assert abs(mirrored - lit) < 4


def test_window_panes_and_lamps_cast_no_shadow(assemble, grey_box, camera_at):
    camera = camera_at((0, -2.5, 2.5), (0, 0, 0))
    for material in (Material("glass", (0.8, 0.8, 0.8)), Material("plain", (1, 1, 1), emission=1.0)):
        plate = grey_box((0.2, -0.3, 0.8), (0.8, 0.3, 0.82), 1, material)
        frame = rendered(assemble([grey_box(*FLOOR), plate], [SUN_ABOVE], (0.1, 0.1, 0.1), [camera]))
        assert value_at(frame, camera, (0.5, -0.2, 0))[0] > 0.85 * value_at(frame, camera, (-1.2, -0.2, 0))[0]


def test_brighter_light_gives_a_brighter_patch(assemble, grey_box, camera_at):
    camera = camera_at((0, -2.5, 2.5), (0, 0, 0))
    lamps = [Light("area", (x, 0, 1), (0, 0, -1), (0.1, 0.1), (c, c, c)) for x, c in ((-1, 0.2), (1, 0.6))]
    frame = rendered(assemble([grey_box(*FLOOR)], lamps, (0.05, 0.05, 0.05), [camera]))
    dim, bright = (value_at(frame, camera, (x, 0, 0))[0] for x in (-1, 1))
    assert bright > dim + 30


def test_coloured_wall_tints_the_floor_beside_it(assemble, grey_box, camera_at):
    camera = camera_at((-2, -2, 1.5), (0.4, 0, 0))
    red = grey_box((1, -3, 0), (1.1, 3, 2), 1, Material("plain", (0.8, 0.02, 0.02)))
    sun = Light("sun", (0, 0, 0), (0.8, 0, -0.6), (0, 0), (2, 2, 2))
    frame = rendered(assemble([grey_box(*FLOOR), red], [sun], cameras=[camera]))
    near, far = (value_at(frame, camera, (x, 0, 0), 1) for x in (0.85, -0.8))
    assert near[0] - near[1] > max(10, 2 * (far[0] - far[1]))
    assert abs(near[1] - near[2]) < 2  # a grey floor: only the wall can have coloured it


def test_edge_pixels_are_averaged(assemble, grey_box, camera_at):
    """A slanted edge between black and white has pixels in between."""
    camera = camera_at((0, 0, 0), (0, 1, 0), width=64, height=64, focal=64)
    camera = dataclasses.replace(camera, world_from_cam=camera.world_from_cam @ _rolled(12))
    white = grey_box((-9, 5, -9), (9, 5.1, 9), 1, Material("plain", (1, 1, 1), emission=1.0))
    black = grey_box((0, 4, -9), (9, 4.1, 9), 2, Material("plain", (0, 0, 0)))
    grey = rendered(assemble([white, black], [], (0.1, 0.1, 0.1), [camera])).rgb.mean(axis=2)
    low, high = grey.min(), grey.max()
    between = (grey > low + 0.15 * (high - low)) & (grey < high - 0.15 * (high - low))
    assert 40 < between.sum() < 200  # about one or two pixels in each of 64 rows


def _rolled(degrees):
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(4)
    matrix[:2, :2] = [[cosine, -sine], [sine, cosine]]
    return matrix


def test_same_rng_gives_the_same_bytes_whatever_was_rendered_before(room):
    small = [
        dataclasses.replace(f.camera, width=160, height=120, intrinsics=np.diag([0.25, 0.25, 1]) @ f.camera.intrinsics)
        for f in room.frames
    ]
    first, second = SceneRenderer(room), SceneRenderer(room, RayCaster(room.mesh.vertices, room.mesh.faces))
    first.render(small[1], np.random.default_rng(1))
    a, b = (renderer.render(small[0], np.random.default_rng(5)) for renderer in (first, second))
    for field in dataclasses.fields(a):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))
    assert encode_jpeg(a.rgb) == encode_jpeg(b.rgb)
    assert set(np.unique(a.instance)) >= {1, 2, 3, 6, 7, 8}


def test_jpeg_keeps_the_picture():
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    rgb = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], np.uint8(90)), axis=-1)
    decoded = np.asarray(Image.open(BytesIO(encode_jpeg(rgb))), dtype=int)
    assert np.abs(decoded - rgb).mean() < 4


def test_irradiance_by_hand(assemble, grey_box, camera_at):
    """The sun by the cosine; a small lamp by both cosines over the squared distance."""
    scene = assemble([grey_box(*FLOOR)], cameras=[camera_at((0, 0, 1), (0, 1, 0))])
    down = np.array([[0.0], [0.0], [-1.0]], dtype=np.float32)
    place = np.array([[1.0], [0.0], [0.0]], dtype=np.float32)
    on_floor = RayCaster(scene.mesh.vertices, scene.mesh.faces).cast((place - down).T.copy(), down.T.copy())
    points = SceneSurface(scene).points(on_floor, place - down, down)
    np.testing.assert_allclose(points.normal[:, 0], [0, 0, 1], atol=1e-6)
    slanted = LightModel(Light("sun", (0, 0, 0), (0.6, 0, -0.8), (0, 0), (1, 1, 1)))
    np.testing.assert_allclose(slanted.unshadowed(points), 0.8, rtol=1e-5)
    overhead, aside = (LightModel(Light("area", (x, 0, 2), (0, 0, -1), (0.01, 0.01), (1, 1, 1))) for x in (1.0, -1.0))
    np.testing.assert_allclose(overhead.unshadowed(points), 1 / 4, rtol=1e-3)
    np.testing.assert_allclose(aside.unshadowed(points), (1 / 8) * (1 / np.sqrt(2)) ** 2, rtol=1e-3)
    from_below = LightModel(Light("area", (1, 0, -2), (0, 0, 1), (0.01, 0.01), (1, 1, 1)))
    np.testing.assert_allclose(from_below.unshadowed(points), 0)


def test_half_covered_lamp_is_half_seen(assemble, grey_box, camera_at):
    """A board whose edge stands midway under the lamp hides one half of it from the point below that edge."""
    floor_and_board = assemble([grey_box(*FLOOR), grey_box((0, -2, 1), (2, 2, 1.01), 1)])
    caster = RayCaster(floor_and_board.mesh.vertices, floor_and_board.mesh.faces)
    lamp = LightModel(Light("area", (0, 0, 2), (0, 0, -1), (0.5, 0.5), (1, 1, 1)))
    down = np.tile(np.array([[0], [0], [-1]], dtype=np.float32), (1, 4096))
    origins = np.tile(np.array([[0], [0], [0.5]], dtype=np.float32), (1, 4096))
    hits = caster.cast(origins.T.copy(), down.T.copy())
    points = SceneSurface(floor_and_board).points(Hits(hits.t, hits.face, hits.barycentric), origins, down)
    uniforms = np.random.default_rng(0).random((2, 4096), dtype=np.float32)
    seen = lamp.visible(caster, lifted(points), points.plane, uniforms)
    assert abs(seen.mean() - 0.5) < 0.03


class TestSmoothing:
    def guides(self, size=24):
        normal = np.zeros((3, size, size), dtype=np.float32)
        normal[2] = 1
        rows, columns = np.indices((size, size), dtype=np.float32)
        position = np.stack([columns, rows, 0 * rows])
        return normal, position, np.zeros((size, size), dtype=np.int32), np.ones((size, size), dtype=np.float32)

    def test_evens_out_a_4x4_pattern_exactly(self):
        tile = np.random.default_rng(0).random((4, 4), dtype=np.float32)
        smooth = smooth_within_surfaces(np.tile(tile, (6, 6))[None], *self.guides(), steps=(1, 2))
        np.testing.assert_allclose(smooth[0, 4:-4, 4:-4], tile.mean(), rtol=1e-5)

    def test_does_not_cross_surfaces(self):
        normal, position, ids, tolerance_m = self.guides()
        values = np.zeros((1, 24, 24), dtype=np.float32)
        values[:, :, 12:] = 1
        ids[:, 12:] = 7
        smooth = smooth_within_surfaces(values, normal, position, ids, tolerance_m, steps=(1, 2, 4))
        np.testing.assert_allclose(smooth, values, atol=1e-6)
        bent = normal.copy()
        bent[:, :, 12:] = np.array([1, 0, 0])[:, None, None]
        smooth = smooth_within_surfaces(values, bent, position, 0 * ids, tolerance_m, steps=(1, 2, 4))
        np.testing.assert_allclose(smooth, values, atol=1e-6)
        stepped = position.copy()
        stepped[2, :, 12:] = 5
        smooth = smooth_within_surfaces(values, normal, stepped, 0 * ids, tolerance_m, steps=(1, 2, 4))
        np.testing.assert_allclose(smooth, values, atol=1e-6)


class TestErrors:
    def test_scene_without_appearance(self, room):
        with pytest.raises(SceneError, match=r"'by_hand' of source 'test' has no appearance.*image_path.*Appearance"):
            SceneRenderer(dataclasses.replace(room, appearance=None))

    def test_scene_without_frames(self, room):
        with pytest.raises(SceneError, match=r"'by_hand' has no frames.*Give it"):
            SceneRenderer(dataclasses.replace(room, frames=()))

    def test_appearance_that_does_not_fit(self, room):
        short = dataclasses.replace(room.appearance, vertex_normals=room.appearance.vertex_normals[:-1])
        with pytest.raises(SceneError, match=r"vertex_normals` has \d+ rows, the mesh needs \d+. Build"):
            SceneRenderer(dataclasses.replace(room, appearance=short))
