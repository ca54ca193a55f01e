import dataclasses
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from generation.rendering.denoise import Guides, smooth_within_surfaces, spread_to_point
from generation.rendering.raycast import RayCaster
from generation.rendering.renderer import SceneRenderer
from generation.rendering.shading import Lights, lifted
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


def test_a_mirror_shows_what_stands_before_it(assemble, grey_box, camera_at):
    """A red box behind the camera is seen as one that stands as far behind the mirror as it does before it; what is
    known of the pixels is that of the mirror."""
    camera = camera_at((0, 0, 0), (0, 1, 0))
    red, light = Material("plain", (0.9, 0.02, 0.02), emission=1.0), (0.3, 0.3, 0.3)
    mirror = grey_box((-2, 2, -2), (2, 2.1, 2), 1, Material("mirror", (1, 1, 1), gloss=1.0))
    wall = grey_box((-9, -6, -9), (9, -5.9, 9))
    before = assemble([mirror, wall, grey_box((0.3, -3, -0.4), (0.9, -2.5, 0.2), 2, red)], [], light, [camera])
    behind = assemble([grey_box((0.3, 6.5, -0.4), (0.9, 7, 0.2), 2, red)], [], light, [camera])
    seen, expected = rendered(before), rendered(behind)
    assert (seen.instance == 1).all()
    np.testing.assert_allclose(seen.depth_m, 2, rtol=1e-5)
    in_mirror = seen.rgb[..., 0] > seen.rgb[..., 1].astype(int) + 100
    assert (expected.instance == 2).sum() > 50
    assert (in_mirror != (expected.instance == 2)).sum() < 10  # pixels at its edges


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


def test_light_of_a_quarter_of_the_pixels_is_nearly_that_of_all(room):
    """A picture of twice the size has its light traced at the pixels of this one; nothing has a pattern here."""
    camera = room.frames[0].camera
    plain = tuple(dataclasses.replace(one, pattern="plain") for one in room.appearance.materials)
    room = dataclasses.replace(room, appearance=dataclasses.replace(room.appearance, materials=plain))
    sizes = [
        dataclasses.replace(camera, width=w, height=h, intrinsics=np.diag([w / 640, h / 480, 1]) @ camera.intrinsics)
        for w, h in ((320, 240), (640, 480))
    ]
    renderer = SceneRenderer(room)
    small, large = (renderer.render(one, np.random.default_rng(0)).rgb.astype(float) for one in sizes)
    difference = np.abs(small - large.reshape(240, 2, 320, 2, 3).mean(axis=(1, 3)))
    assert difference.mean() < 2.8  # two pictures of one size that differ in their noise differ by 1.4
    assert np.median(difference) < 1.5
    assert np.percentile(difference, 95) < 9


def test_a_lens_with_hardly_any_distortion_shows_what_a_pinhole_shows(room):
    """Rasterised on one side, cast as rays on the other."""
    camera = room.frames[1].camera
    camera = dataclasses.replace(
        camera, width=160, height=120, intrinsics=np.diag([0.25, 0.25, 1]) @ camera.intrinsics
    )
    bent = dataclasses.replace(camera, distortion=np.array([1e-9, 0, 0, 0]))
    renderer = SceneRenderer(room)
    plain, lens = (renderer.render(one, np.random.default_rng(0)) for one in (camera, bent))
    same = plain.instance == lens.instance
    assert same.mean() > 0.999
    np.testing.assert_allclose(plain.depth_m[same], lens.depth_m[same], rtol=1e-3)
    assert np.abs(plain.rgb.astype(int) - lens.rgb).mean() < 0.5


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
    points = SceneSurface(scene).points(on_floor.face, on_floor.t, (place - down)[:, 0], down)
    np.testing.assert_allclose(points.normal[:, 0], [0, 0, 1], atol=1e-6)
    lights = Lights(
        (
            Light("area", (1, 0, 2), (0, 0, -1), (0.01, 0.01), (1, 1, 1)),
            Light("area", (-1, 0, 2), (0, 0, -1), (0.01, 0.01), (1, 1, 1)),
            Light("area", (1, 0, -2), (0, 0, 1), (0.01, 0.01), (1, 1, 1)),
            Light("sun", (0, 0, 0), (0.6, 0, -0.8), (0, 0), (1, 1, 1)),
        )
    )
    sun, overhead, aside, from_below = lights.unshadowed(points)[:, 0]
    np.testing.assert_allclose(sun, 0.8, rtol=1e-5)
    np.testing.assert_allclose(overhead, 1 / 4, rtol=1e-3)
    np.testing.assert_allclose(aside, (1 / 8) * (1 / np.sqrt(2)) ** 2, rtol=1e-3)
    assert from_below == 0


def test_flat_triangles_of_one_plane_have_one_number(assemble, grey_box):
    """A box has six planes, two triangles each, whichever way they are written; a round thing has none of its own."""
    scene = assemble([grey_box((0, 0, 0), (1, 2, 3), 1), grey_box((0, 0, 3), (1, 2, 4), 2)])
    surface = SceneSurface(scene)
    planes, ids = surface.triangles.plane_id, surface.triangles.surface_id
    assert sorted(np.bincount(planes)) == [2] * 12
    normals, corners = surface.plane.T, scene.mesh.vertices[scene.mesh.faces[:, 0]]
    for one, other in np.argwhere(planes[:, None] == planes):
        assert ids[one] == ids[other]
        np.testing.assert_allclose(np.abs(normals[one] @ normals[other]), 1, atol=1e-6)
        assert abs(normals[one] @ (corners[one] - corners[other])) < 1e-6
    bent = scene.appearance.vertex_normals + np.float32([0.1, 0.2, 0.3])
    bent = dataclasses.replace(scene.appearance, vertex_normals=bent / np.linalg.norm(bent, axis=1, keepdims=True))
    assert (SceneSurface(dataclasses.replace(scene, appearance=bent)).triangles.plane_id == -1).all()


def test_half_covered_lamp_is_half_seen(assemble, grey_box, camera_at):
    """A board whose edge stands midway under the lamp hides one half of it from the point below that edge."""
    floor_and_board = assemble([grey_box(*FLOOR), grey_box((0, -2, 1), (2, 2, 1.01), 1)])
    caster = RayCaster(floor_and_board.mesh.vertices, floor_and_board.mesh.faces)
    lamp = Light("area", (0, 0, 2), (0, 0, -1), (0.5, 0.5), (1, 1, 1))
    down = np.tile(np.array([[0], [0], [-1]], dtype=np.float32), (1, 4096))
    eye = np.float32([0, 0, 0.5])
    hits = caster.cast(np.tile(eye, (4096, 1)), down.T.copy())
    points = SceneSurface(floor_and_board).points(hits.face, hits.t, eye, down)
    uniforms = np.random.default_rng(0).random((2, 4096), dtype=np.float32)
    wanted = np.ones((2, 4096), dtype=bool)
    wanted[1, 1000:] = False
    seen = Lights((lamp, lamp)).visible(caster, lifted(points), points.plane, uniforms, wanted)
    assert abs(seen[0].mean() - 0.5) < 0.03 and abs(seen[1, :1000].mean() - 0.5) < 0.06
    assert not seen[1, 1000:].any()
    assert abs(np.corrcoef(seen[0, :1000], seen[1, :1000])[0, 1]) < 0.5  # lights are not sampled at the same place


class TestSmoothing:
    def guides(self, size=24, **changes) -> Guides:
        """A flat square of pixels, one unit apart."""
        rows, columns = np.indices((size, size), dtype=np.float32)
        flat = Guides(
            normal=np.tile(np.float32([0, 0, 1]), (size, size, 1)),
            position=np.stack([columns, rows, 0 * rows], axis=-1),
            surface_id=np.zeros((size, size), dtype=np.int32),
            plane_id=np.full((size, size), -1, dtype=np.int32),
            tolerance_m=np.ones((size, size), dtype=np.float32),
        )
        return flat._replace(**changes)

    def parted(self) -> list[Guides]:
        """Squares whose right half is another surface, faces elsewhere, or lies deeper."""
        flat = self.guides()
        ids, bent, stepped = flat.surface_id.copy(), flat.normal.copy(), flat.position.copy()
        ids[:, 12:], bent[:, 12:], stepped[:, 12:, 2] = 7, [1, 0, 0], 5
        planes = np.where(np.arange(24) < 12, 3, 4).astype(np.int32) * np.ones((24, 1), dtype=np.int32)
        known = self.guides(surface_id=ids, plane_id=planes)
        return [self.guides(surface_id=ids), self.guides(normal=bent), self.guides(position=stepped), known]

    def test_evens_out_a_4x4_pattern_exactly(self):
        tile = np.random.default_rng(0).random((2, 4, 4), dtype=np.float32)
        for plane in (-1, 5):  # compared one by one, and known to be one plane
            smooth = np.tile(tile, (1, 6, 6))
            for step in (1, 2):
                guides = self.guides(plane_id=np.full((24, 24), plane, dtype=np.int32))
                smooth = smooth_within_surfaces(smooth, guides, step)
            expected = np.broadcast_to(tile.mean(axis=(1, 2))[:, None, None], smooth[:, 4:-4, 4:-4].shape)
            np.testing.assert_allclose(smooth[:, 4:-4, 4:-4], expected, rtol=1e-5)

    def test_is_the_weighted_mean_of_nine(self):
        """Against a sum by hand at one pixel; channels before the first that is asked for stay as they are."""
        values = np.random.default_rng(2).random((3, 24, 24), dtype=np.float32)
        found = smooth_within_surfaces(values, self.guides(), 4, 1)
        np.testing.assert_array_equal(found[0], values[0])
        weights = np.outer([0.5, 1, 0.5], [0.5, 1, 0.5]) / 4
        for c in (1, 2):
            expected = (weights * values[c, 6:15:4, 8:17:4]).sum()
            assert found[c, 10, 12] == pytest.approx(expected, rel=1e-5)

    def test_does_not_cross_surfaces(self):
        values = np.zeros((1, 24, 24), dtype=np.float32)
        values[..., 12:] = 1
        for guides in self.parted():
            for step in (1, 2, 4):
                np.testing.assert_allclose(smooth_within_surfaces(values, guides, step), values, atol=1e-6)

    def test_spreading_is_bilinear(self):
        """A plane through the values at the pixel centres is kept at all points between them."""
        for plane in (-1, 5):
            guides = self.guides(plane_id=np.full((24, 24), plane, dtype=np.int32))
            values = (2 * guides.position[..., :1] - 3 * guides.position[..., 1:2] + 7).astype(np.float32)
            for x, y in np.random.default_rng(1).uniform(0, 23, (50, 2)):
                found, own = np.zeros(1, dtype=np.float32), (0, plane)
                spread_to_point(values, guides, x + 0.5, y + 0.5, (0.0, 0.0, 1.0), (x, y, 0.0), own, 1, found)
                assert found[0] == pytest.approx(2 * x - 3 * y + 7, abs=1e-3)

    def test_spreading_takes_nothing_from_other_surfaces(self):
        values = np.zeros((24, 24, 1), dtype=np.float32)
        values[:, 12:] = 1
        for guides in self.parted():
            for column, x, expected in ((11.6, 11, 0), (12.4, 12, 1)):  # either side of the border, near to it
                found = np.zeros(1, dtype=np.float32)
                normal, place = (tuple(map(float, one[9, x])) for one in (guides.normal, guides.position))
                own = guides.surface_id[9, x], guides.plane_id[9, x]
                spread_to_point(values, guides, column, 9.5, normal, place, own, 1, found)
                assert found[0] == pytest.approx(expected, abs=1e-6)


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
