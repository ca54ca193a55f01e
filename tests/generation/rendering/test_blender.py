import dataclasses
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
import pytest

from generation.commands import run_generate
from generation.geometry import Camera
from generation.make_scene import _key, render_frames
from generation.rendering import RENDERERS
from generation.rendering.blender import patterns
from generation.rendering.blender.renderer import BlenderRenderer
from generation.rendering.renderer import SceneRenderer
from generation.scenes.appearance import Light, Material, Sky
from generation.scenes.base import SceneError
from generation.settings import GenerateSettings


pytestmark = pytest.mark.skipif(find_spec("bpy") is None, reason="needs the package bpy (docs/photoreal.md)")

FLOOR = ((-3, -3, -0.1), (3, 3, 0))
DEPTH_TOLERANCE_M = 0.005


def rendered(scene, samples=4):
    return BlenderRenderer(scene, samples).render(scene.frames[0].camera, np.random.default_rng(0))


def by_both(scene, samples=4):
    """The first frame by Cycles, and by the ray caster."""
    return rendered(scene, samples), SceneRenderer(scene).render(scene.frames[0].camera, np.random.default_rng(0))


def small(camera: Camera, width=160, stretch=1.0, shift=(0.0, 0.0)) -> Camera:
    """The same view with fewer pixels, which are `stretch` times as high as wide, off the middle by `shift` pixels."""
    factor = width / camera.width
    height = round(camera.height * factor / stretch)
    intrinsics = np.diag([factor, factor / stretch, 1.0]) @ camera.intrinsics
    intrinsics[:2, 2] += shift
    return Camera(width, height, intrinsics, camera.world_from_cam)


def with_cameras(scene, *cameras):
    frames = tuple(dataclasses.replace(scene.frames[0], frame_id=f"f{k}", camera=c) for k, c in enumerate(cameras))
    return dataclasses.replace(scene, frames=frames)


@pytest.fixture(scope="module")
def small_room(room):
    a, b = (frame.camera for frame in room.frames)
    return with_cameras(room, small(a), small(b, stretch=1.3, shift=(-9.3, 4.6)), small(b, stretch=0.7))


@pytest.fixture(scope="module")
def renderer(small_room):
    return BlenderRenderer(small_room, samples=1)


@pytest.mark.parametrize("index", [0, 1, 2], ids=["plain", "off the middle, high pixels", "flat pixels"])
def test_instances_and_depth_are_those_of_the_ray_caster(small_room, renderer, index):
    """Cycles' own passes against the oracle, which knows nothing of Blender's camera."""
    camera = small_room.frames[index].camera
    frame, oracle = (r.render(camera, np.random.default_rng(0)) for r in (renderer, SceneRenderer(small_room)))
    assert set(np.unique(frame.instance)) >= {1, 2, 3, 6, 7, 8}
    differs = frame.instance != oracle.instance
    beside_edge = np.zeros_like(differs)
    for axis in (0, 1):
        for step in (-1, 1):
            beside_edge |= oracle.instance != np.roll(oracle.instance, step, axis)
    assert not (differs & ~beside_edge).any() and differs.mean() < 1e-3
    np.testing.assert_array_equal(np.isinf(frame.depth_m), np.isinf(oracle.depth_m))
    same = ~differs & np.isfinite(oracle.depth_m)
    assert (np.abs(frame.depth_m - oracle.depth_m)[same] > DEPTH_TOLERANCE_M).mean() < 1e-3
    assert (frame.rgb.dtype, frame.depth_m.dtype, frame.instance.dtype) == (np.uint8, np.float32, np.int32)


def test_two_boxes_by_hand(assemble, grey_box, camera_at):
    """Fronts at Z = 2 and 4 before a camera of focal length 100: columns 50 + 100 x / Z, rows 40 - 100 z / Z."""
    camera = camera_at((0, 0, 0), (0, 1, 0), width=100, height=80, focal=100)
    near = grey_box((-0.5, 2, -0.3), (0.1, 2.5, 0.3), 1)
    far = grey_box((-0.2, 4, -1.0), (1.0, 4.5, 1.0), 70_000)
    instance = np.zeros((80, 100), dtype=np.int32)
    instance[15:65, 45:75] = 70_000
    instance[25:55, 25:55] = 1
    frame = rendered(assemble([near, far], cameras=[camera]), samples=1)
    np.testing.assert_array_equal(frame.instance, instance)
    depth_m = np.select([instance == 1, instance == 70_000], [2.0, 4.0], np.inf)
    np.testing.assert_allclose(frame.depth_m, depth_m, rtol=1e-5)


def test_same_rng_gives_the_same_bytes_whatever_was_rendered_before(small_room, renderer):
    """Also when Blender held another scene in between."""
    camera, other = small_room.frames[0].camera, small_room.frames[1].camera
    first = renderer.render(camera, np.random.default_rng(5))
    BlenderRenderer(with_cameras(small_room, other), samples=1).render(other, np.random.default_rng(1))
    second = renderer.render(camera, np.random.default_rng(5))
    for field in dataclasses.fields(first):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))
    assert (renderer.render(camera, np.random.default_rng(6)).rgb != first.rgb).any()


def test_another_process_gives_the_same_bytes(small_room):
    tiny = with_cameras(small_room, small(small_room.frames[0].camera, width=64))
    here = render_frames(tiny, ["f0"], 0, "blender")
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert pool.submit(render_frames, tiny, ["f0"], 0, "blender").result() == here
    assert here["f0"].startswith(b"\xff\xd8")


def test_lights_are_as_strong_as_those_of_the_ray_caster(assemble, grey_box, camera_at):
    """Sun, lamps that face down and sideways, and the sky's ambient light on an open floor, and a shadow."""
    camera = camera_at((0, -4, 3), (0, 0, 0), width=80, height=60)
    slanted = np.array([0.6, 0, -0.8])
    lights = [
        Light("sun", (0, 0, 0), tuple(slanted), (0, 0), (0.8, 0.7, 0.5)),
        Light("area", (-1, 0, 1.5), (0, 0, -1), (0.4, 0.2), (0.5, 0.9, 1.4)),
        Light("area", (2, 0.5, 0.4), (-1, 0, 0), (0.8, 0.4), (0.8, 0.3, 0.2)),
    ]
    plate = grey_box((0.5, -1.5, 0.8), (1.1, -0.9, 0.82), 1)
    frame, oracle = by_both(assemble([grey_box(*FLOOR), plate], lights, (0.2, 0.22, 0.25), [camera]), samples=64)
    on_floor = np.isfinite(oracle.depth_m)
    difference = frame.rgb[on_floor].astype(int) - oracle.rgb[on_floor]
    assert np.abs(difference.mean(axis=0)).max() < 4
    assert np.abs(difference).mean() < 6
    assert np.ptp(oracle.rgb[on_floor], axis=0).min() > 50  # so that agreement says something


def test_sky_stands_where_the_ray_caster_sees_it(assemble, grey_box, camera_at):
    sun = Light("sun", (0, 0, 0), (-0.5, -0.8, -0.3), (0, 0), (2, 2, 2))
    for target in ((1, 1, 0.3), (-1, 0.2, -0.1)):
        camera = camera_at((0, 0, 2), (target[0], target[1], 2 + target[2]), width=64, height=48)
        scene = assemble([grey_box(*FLOOR)], [sun], cameras=[camera])
        appearance = dataclasses.replace(scene.appearance, sky=Sky(zenith=(0.1, 0.2, 0.9), horizon=(0.9, 0.5, 0.2)))
        frame, oracle = by_both(dataclasses.replace(scene, appearance=appearance), samples=16)
        sky = np.isinf(oracle.depth_m)
        assert sky.mean() > 0.5
        assert np.abs(frame.rgb[sky].astype(int) - oracle.rgb[sky]).mean() < 6


def test_pictures_hang_the_right_way_round(assemble, camera_at):
    """A glowing picture needs no light, so both show it alike."""
    vertices = np.array([(-0.6, 2, -0.4), (0.6, 2, -0.4), (0.6, 2, 0.4), (-0.6, 2, 0.4)])
    texcoords = np.array([(0, 0, 1.5), (1, 0, 1.5), (1, 1, 1.5), (0, 1, 1.5)])
    faces, normals = np.array([(0, 1, 2), (0, 2, 3)]), np.tile([0.0, -1.0, 0.0], (4, 1))
    glowing = Material("picture", (0.8, 0.8, 0.8), emission=1.0, seed=3)
    camera = camera_at((0, 0, 0), (0, 1, 0), width=96, height=64, focal=150)
    scene = assemble([((vertices, faces, normals, texcoords), 1, "picture", glowing)], (), (0, 0, 0), [camera])
    frame, oracle = by_both(scene, samples=16)
    assert np.abs(frame.rgb.astype(int) - oracle.rgb).mean() < 6
    assert np.abs(frame.rgb[::-1].astype(int) - oracle.rgb).mean() > 20


def test_patterns_have_the_colours_of_the_ray_caster(assemble, camera_at, grey_box):
    """Mean colours of glowing boards in a grid, near enough for the ray caster to show all of their grain."""
    boards = []
    for k, pattern in enumerate(patterns.PATTERNS):
        x, z = k % 4 - 2, k // 4 - 2
        glowing = Material(pattern, (0.6, 0.3, 0.15), (0.2, 0.3, 0.5), scale_m=0.2, emission=1.0)
        boards.append(grey_box((x, 2, z), (x + 0.95, 2.1, z + 0.95), k + 1, glowing))
    camera = camera_at((0, 0, 0), (0, 1, 0), width=320, height=240, focal=128)
    frame, oracle = by_both(assemble(boards, (), (0, 0, 0), [camera]), samples=4)
    for k, pattern in enumerate(patterns.PATTERNS):
        is_board = oracle.instance == k + 1
        difference = frame.rgb[is_board].mean(axis=0) - oracle.rgb[is_board].mean(axis=0)
        assert is_board.sum() > 500 and np.abs(difference).max() < 14, (pattern, difference)


def test_pattern_that_is_not_translated_shows_its_colour(assemble, camera_at, grey_box, monkeypatch):
    camera = camera_at((0, 0, 0.5), (0, 1, 0.5), width=32, height=24, focal=32)
    board = (-2, 1, -1.5), (2, 1.1, 2.5), 1
    shown = []
    monkeypatch.delitem(patterns.PATTERNS, "marble")
    for pattern in ("marble", "plain"):
        glowing = Material(pattern, (0.6, 0.3, 0.15), (0.2, 0.3, 0.5), emission=1.0)
        shown.append(rendered(assemble([grey_box(*board, glowing)], (), (0, 0, 0), [camera])).rgb)
    np.testing.assert_array_equal(*shown)


def test_cameras_that_blender_lacks_are_refused(small_room):
    camera = small_room.frames[0].camera
    skewed = camera.intrinsics + np.array([[0, 2.0, 0], [0, 0, 0], [0, 0, 0]])
    for other in ({"distortion": np.array([0.1, 0, 0, 0])}, {"intrinsics": skewed}):
        with pytest.raises(SceneError, match="'by_hand': .*pinhole.*'raycast'"):
            BlenderRenderer(with_cameras(small_room, dataclasses.replace(camera, **other)), samples=1)
    with pytest.raises(SceneError, match="no frames"):
        BlenderRenderer(with_cameras(small_room))


def test_without_bpy_the_error_says_how_to_install_it(small_room, monkeypatch):
    monkeypatch.setitem(sys.modules, "bpy", None)
    with pytest.raises(SceneError, match="pip install --no-deps bpy==.*photoreal"):
        RENDERERS["blender"](small_room)


def test_without_bpy_no_work_is_begun(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bpy", None)
    settings = GenerateSettings(out=tmp_path / "d", renderer="blender")
    with pytest.raises(SceneError, match="pip install --no-deps bpy=="):
        run_generate(settings)
    assert not settings.work_dir.exists()


def test_renderer_is_one_of_the_settings_that_rows_depend_on():
    both = [GenerateSettings(renderer=name) for name in RENDERERS]
    assert [settings.of_the_rows["renderer"] for settings in both] == ["raycast", "blender"]
    assert len({_key(settings, "room_00000", b"") for settings in both}) == 2
    with pytest.raises(ValueError, match="'unreal'.*raycast, blender"):
        GenerateSettings(renderer="unreal")
