"""Masks without a mesh against exact ones of the same rooms. Run with `-s` to see how the errors are distributed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from generation.annotation.annotate import annotate_scene
from generation.annotation.point_visibility import PointSurface, open_share
from generation.annotation.scene_annotation import ABSENT, ONE_VIEW, SURE, TOO_FEW_POINTS, UNCLEAR, VISIBLE
from generation.scenes.posed_rgbd import PosedRgbdSource
from generation.scenes.scannetpp import ScannetppSource


FIXTURES = Path(__file__).resolve().parents[3] / "../shared/fixtures"
needs_fixtures = pytest.mark.skipif(not FIXTURES.exists(), reason="the fixtures in ../shared/fixtures are absent")


def within(name: str, error: np.ndarray, median: float, p90: float, worst: float) -> None:
    """Check the distribution of an error."""
    found = np.percentile(np.abs(error), [50, 90, 100])
    report = f"{name}, {error.size} values: median {found[0]:.4f}, 90 % {found[1]:.4f}, worst {found[2]:.4f}"
    print(report)  # noqa: T201
    assert (found <= [median, p90, worst]).all(), report


# --- the office of the fixtures, with an oracle that no ray-casting library made ---


@pytest.fixture(scope="module")
def office():
    return annotate_scene(PosedRgbdSource(FIXTURES / "posed_rgbd_mini").load("posed_rgbd_mini"), seed=0)


@pytest.fixture(scope="module")
def oracle(office):
    """The oracle's columns by name, each `(F, K)`, in the order of the annotation."""
    rows = pq.read_table(FIXTURES / "scannetpp_mini/oracle/visibility.parquet").to_pylist()
    by_pair = {(row["frame"], row["instance_id"]): row for row in rows}
    names = [name for name, value in rows[0].items() if not isinstance(value, str)]
    return {
        name: np.array(
            [
                [by_pair[frame, k][name] or 0 for k in office.instance_ids.tolist()]
                for frame in office.frame_ids.tolist()
            ],
            dtype=float,
        )
        for name in names
    }


@pytest.fixture(scope="module")
def seen(office, oracle):
    """Frames and instances with at least 100 visible pixels and no doubt, `(F, K)`."""
    assert office.method == "points"
    return (oracle["visible_pixels"] >= 100) & (office.doubts == SURE)


@needs_fixtures
def test_visible_masks_are_exact(office, oracle):
    np.testing.assert_array_equal(office.visible_pixels, oracle["visible_pixels"])
    boxes = np.stack([oracle[f"visible_{side}"] for side in ("x0", "y0", "x1", "y1")], axis=2)
    np.testing.assert_array_equal(office.visible_box, boxes)
    visible = office.visible_pixels > 0
    for ours, theirs in (("depth_min_m", "depth_min"), ("depth_mean_m", "depth_mean")):  # stored in whole mm
        assert np.abs(getattr(office, ours) - oracle[theirs])[visible].max() <= 0.0006


@needs_fixtures
def test_estimated_masks(office, oracle, seen):
    print(f"{seen.sum()} of {(oracle['visible_pixels'] >= 100).sum()} seen instances are not in doubt")  # noqa: T201
    amodal, extended = oracle["amodal_pixels"][seen], oracle["amodal_pixels_extended"][seen]
    within("amodal pixels, relative", office.amodal_pixels[seen] / amodal - 1, 0.005, 0.12, 0.55)
    within("extended pixels, relative", office.extended_pixels[seen] / extended - 1, 0.01, 0.22, 0.60)
    within("occlusion", office.occlusion[seen] - (1 - oracle["visible_pixels"][seen] / amodal), 0.005, 0.08, 0.5)
    within("truncation", office.truncation[seen] - (1 - amodal / extended), 0.001, 0.03, 0.2)
    # the error has a side: what no frame saw is missing, so things seem less hidden than they are
    missing = office.occlusion[seen] - (1 - oracle["visible_pixels"][seen] / amodal)
    assert np.percentile(missing, 95) < 0.02


@needs_fixtures
def test_things_that_nothing_hides_are_not_hidden(office, oracle, seen):
    free = seen & (oracle["visible_pixels"] >= 0.99 * oracle["amodal_pixels"])
    assert free.sum() >= 60
    within("occlusion where there is none", office.occlusion[free], 0.001, 0.01, 0.03)


@pytest.fixture(scope="module")
def exact(office):
    """The annotation of the room's mesh, for the same frames and instances in the same order: arrays by name."""
    source = ScannetppSource(FIXTURES / "scannetpp_mini")
    mesh = annotate_scene(source.load(source.scene_names()[0]), seed=0)
    f = [mesh.frame_ids.tolist().index(name) for name in office.frame_ids.tolist()]
    k = [mesh.instance_ids.tolist().index(name) for name in office.instance_ids.tolist()]
    found = {
        name: getattr(mesh, name)[np.ix_(f, k)] for name in ("visibility", "centre_distance_m", "nearest_m", "mean_m")
    }
    found |= {axis: signs[np.ix_(f, k, k)] for axis, signs in mesh.directions.items()}
    return found | {"overlap": mesh.overlap[np.ix_(f, f)]}


@needs_fixtures
def test_distances(office, exact, seen):
    for name, median, p90, worst in (
        ("centre_distance_m", 0.002, 0.01, 0.04),
        ("nearest_m", 0.002, 0.005, 0.12),
        ("mean_m", 0.025, 0.12, 0.35),
    ):
        within(name, (getattr(office, name) - exact[name])[seen], median, p90, worst)


@needs_fixtures
def test_no_direction_is_reversed(office, exact):
    for axis, signs in office.directions.items():
        both = (signs != 0) & (exact[axis] != 0)
        assert both.sum() > 3000 and (signs[both] == exact[axis][both]).all(), axis
        # and few are told that the exact margins would not allow
        assert ((signs != 0) & (exact[axis] == 0)).sum() < 0.02 * both.sum(), axis


@needs_fixtures
def test_visibility_differs_only_where_there_is_doubt(office, exact):
    same = office.visibility == exact["visibility"]
    assert (office.visibility[~same] == UNCLEAR).all() and (office.doubts[~same] != SURE).all()
    assert (office.visibility == VISIBLE).sum() > 150


@needs_fixtures
def test_overlap(office, exact):
    pairs = np.triu_indices(len(office.frame_ids), 1)
    within("overlap, percent", (office.overlap - exact["overlap"])[pairs], 1.0, 4.0, 8.0)


# --- a furnished room, without the fixtures ---


@pytest.fixture(scope="module")
def room(tmp_path_factory, write_capture, small_room):
    """A room as a scene of points and as the mesh that it was made from, both annotated."""
    folder = tmp_path_factory.mktemp("capture") / "room"
    write_capture(folder, small_room)
    scene = PosedRgbdSource(folder).load("room")
    return scene, annotate_scene(scene, 0), annotate_scene(small_room, 0)


def test_a_room_against_its_mesh(room):
    _, points, mesh = room
    f = [mesh.frame_ids.tolist().index(name) for name in points.frame_ids.tolist()]
    k = [mesh.instance_ids.tolist().index(name) for name in points.instance_ids.tolist()]
    visible, amodal = mesh.visible_pixels[np.ix_(f, k)], mesh.amodal_pixels[np.ix_(f, k)]
    np.testing.assert_array_equal(points.visible_pixels, visible)
    clear = (visible >= 100) & (points.doubts == SURE)
    within("amodal pixels, relative", (points.amodal_pixels / np.maximum(amodal, 1) - 1)[clear], 0.02, 0.3, 0.8)
    assert (points.visible_pixels <= points.amodal_pixels).all()
    assert (points.amodal_pixels <= points.extended_pixels).all()


def test_what_is_in_doubt_is_unclear(room):
    _, points, _ = room
    seen = points._visibility_of(points.visible_pixels) != ABSENT
    assert (points.visibility[seen & (points.doubts != SURE)] == UNCLEAR).all()
    assert (points.visibility[~seen] == ABSENT).all()
    shown_in = (points.visible_pixels > 0).sum(axis=0)  # (K,)
    assert (points.doubts[:, shown_in == 1] != SURE).all()


def test_too_few_points_are_in_doubt(room):
    scene, _, _ = room
    first, second = [one.instance_id for one in scene.instances if not one.is_structure][:2]
    own = np.flatnonzero(scene.points.point_instance == first)
    kept = np.setdiff1d(np.arange(len(scene.points.points)), own[49:])
    few = replace(
        scene.points,
        **{name: getattr(scene.points, name)[kept] for name in ("points", "point_instance", "spacing_m", "seen_by")},
        views=scene.points.views | {second: 1},
    )
    scene = replace(scene, points=few, frames=scene.frames[:1])
    found = annotate_scene(scene, 0).doubts[0]
    assert found[0] == TOO_FEW_POINTS and found[1] == ONE_VIEW


def test_unknown_depth_hides_nothing(room, tmp_path):
    # without the frame's own depth, nothing is known to hide a thing: its amodal mask is its visible one
    from PIL import Image

    scene, points, _ = room
    frame = scene.frames[0]
    Image.fromarray(np.zeros((240, 320), dtype=np.uint16)).save(tmp_path / "none.png")
    blind = replace(scene, frames=(replace(frame, depth_path=tmp_path / "none.png"),))
    found = annotate_scene(blind, 0)
    np.testing.assert_array_equal(found.amodal_pixels[0], points.visible_pixels[0])
    assert np.isnan(found.depth_min_m).all() and not np.unpackbits(found.surface_bits).any()


# --- on paper ---


def test_open_outline_on_paper():
    visible = np.zeros((9, 12), dtype=bool)
    visible[3:6, 2:6] = True  # 3 rows, 4 columns: an outline of 14 pixel sides
    depth_m = np.full((9, 12), 4.0)
    depth_m[visible] = 2.0
    assert open_share(visible, visible, depth_m) == 0  # behind it a wall
    depth_m[:, 6:] = 1.0  # on its right something nearer: 3 sides
    assert open_share(visible, visible, depth_m) == pytest.approx(3 / 14)
    amodal = visible.copy()
    amodal[3:6, 6:9] = True  # points say how it goes on there
    assert open_share(visible, amodal, depth_m) == 0
    depth_m[:, 6:] = 1.99  # as near as the sensor can tell
    assert open_share(visible, visible, depth_m) == 0
    depth_m[:, 6:] = np.nan
    assert open_share(visible, visible, depth_m) == 0
    assert open_share(np.zeros_like(visible), visible, depth_m) == 0


def test_at_the_border_of_the_image_nothing_is_nearer():
    visible = np.ones((4, 5), dtype=bool)
    assert open_share(visible, visible, np.full((4, 5), 2.0)) == 0


def test_error_of_the_extent_on_paper():
    points = np.array([[0.0, 0, 0], [1, 0, 0], [1, 2, 0], [1, 2, 0.5]])
    spacing_m = np.full(4, 0.01)
    every = np.ones((4, 2), dtype=bool)
    assert PointSurface(points, spacing_m, every).extent_error_m == 0.01  # both halves see all: the spacing is left
    missed = every.copy()
    missed[3, 0] = False  # the even frames miss the top
    assert PointSurface(points, spacing_m, missed).extent_error_m == 0.5
    missed[:2, 1] = False  # and the odd ones miss y = 0
    assert PointSurface(points, spacing_m, missed).extent_error_m == 2
    assert PointSurface(points, spacing_m, every & [True, False]).extent_error_m == np.inf
    assert PointSurface(points, spacing_m, every).nearest_m(np.array([1.0, 2, 2.5])) == 2
