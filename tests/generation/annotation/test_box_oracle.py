"""Every (frame, object) of a rendered drive against exact masks, and every question against what is really there.

Run with `-s` to see how the errors are distributed; docs/waymo.md has them.
"""

from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from generation.annotation.annotate import annotate_scene
from generation.annotation.box_hulls import Hulls
from generation.annotation.box_places import Places
from generation.annotation.box_points import count_points, owners
from generation.annotation.box_visibility import FILL, FILL_OF_POINTS, SHARE_ERROR, SHARE_ERROR_OF_ONE
from generation.annotation.scene_annotation import (
    ABSENT,
    MAX_ABSENT_PIXELS,
    MIN_VISIBLE_PIXELS,
    MIN_VISIBLE_SHARE,
    REFERENCE_PIXELS,
    UNCLEAR,
    VISIBLE,
)
from generation.proposals import propose
from generation.sampling import ViewSet
from generation.scenes.waymo.drive import LABELS
from generation.scenes.waymo.source import WaymoSource
from generation.settings import GenerateSettings
from generation.tasks import ASK
from generation.tasks.base import View
from generation.tasks.proposed import NONE, as_asked, drawn, frames_of


FIXTURE = Path(__file__).resolve().parents[3] / "../shared/fixtures/waymo_mini"
pytestmark = pytest.mark.skipif(not FIXTURE.exists(), reason="the fixture ../shared/fixtures/waymo_mini is absent")


@pytest.fixture(scope="module")
def scene():
    source = WaymoSource(FIXTURE)
    return source.load(source.scene_names()[0])


@pytest.fixture(scope="module")
def annotation(scene):
    return annotate_scene(scene, seed=0)


@pytest.fixture(scope="module")
def oracle(scene) -> dict[str, np.ndarray]:
    """The renderer's columns by name, each `(F, K)` in the order of frames and tracks."""
    frames = {frame.frame_id: f for f, frame in enumerate(scene.frames)}
    tracks = {track: k for k, track in enumerate(scene.drive.tracks.track_ids)}
    table = pq.read_table(FIXTURE / "oracle/visibility.parquet").to_pylist()
    found: dict[str, np.ndarray] = {}
    for row in table:
        k = tracks.get(row["laser_object_id"])
        if k is None:
            continue
        f = frames[f"{row['frame_timestamp_micros']}_{row['camera_name']}"]
        for name, value in row.items():
            if isinstance(value, (int, float)):
                found.setdefault(name, np.full((len(frames), len(tracks)), np.nan))[f, k] = value
    return found


@pytest.fixture(scope="module")
def classes(annotation, oracle) -> np.ndarray:
    """True visibility classes by the exact masks, `(F, K)`."""
    scale = annotation.image_sizes.prod(axis=1)[:, None] / REFERENCE_PIXELS
    pixels, share = oracle["visible_pixels"], oracle["visible_pixels"] / np.maximum(oracle["amodal_pixels"], 1)
    visible = (pixels >= MIN_VISIBLE_PIXELS * scale) & (share >= MIN_VISIBLE_SHARE)
    return np.where(visible, VISIBLE, np.where(pixels <= MAX_ABSENT_PIXELS * scale, ABSENT, UNCLEAR))


def quantiles(name: str, values: np.ndarray) -> None:
    marks = ", ".join(f"p{p} {np.percentile(values, p):.3g}" for p in (50, 90, 95, 99, 100))
    print(f"{name}: {len(values)} values, mean {values.mean():.3g}, {marks}")  # noqa: T201


def test_no_clear_class_is_wrong(annotation, classes):
    found = annotation.visibility[:, : classes.shape[1]]
    table = np.zeros((3, 3), dtype=int)
    np.add.at(table, (classes, found), 1)
    print(f"true absent, unclear, visible (rows) by found ones (columns):\n{table}")  # noqa: T201
    clear = found != UNCLEAR
    assert (found[clear] == classes[clear]).all()
    assert (found[classes == VISIBLE] == VISIBLE).mean() > 0.7
    assert (found[classes == ABSENT] == ABSENT).mean() > 0.95


def test_unlabelled_objects_leave_their_type_unclear(scene, annotation):
    """Two cars in a car park without labels, and what lies beyond the lidar's reach."""
    index = {frame.frame_id: f for f, frame in enumerate(scene.frames)}
    known, kinds = set(scene.drive.tracks.track_ids), list(LABELS)
    seen = 0
    for row in pq.read_table(FIXTURE / "oracle/visibility.parquet").to_pylist():
        f = index[f"{row['frame_timestamp_micros']}_{row['camera_name']}"]
        scale = annotation.image_sizes[f].prod() / REFERENCE_PIXELS
        if row["laser_object_id"] in known or row["visible_pixels"] < MIN_VISIBLE_PIXELS * scale:
            continue
        if row["type"] not in LABELS:  # parked bicycles and whatever else has no name here
            continue
        anything = len(known) + kinds.index(row["type"])
        assert annotation.visibility[f, anything] == UNCLEAR, row
        seen += 1
    assert seen > 10


def test_visible_share(scene, oracle):
    """The share by points, and that the interval that is kept around it holds the truth."""
    drive, places = scene.drive, Places.of(scene.drive)
    fill = np.array([FILL_OF_POINTS[kind] for kind in drive.tracks.types.tolist()])
    errors, half_widths, points = [], [], []
    for sweep in drive.sweeps():
        owner = owners(drive, sweep)
        for f in np.flatnonzero(drive.moment == sweep.moment):
            hulls = Hulls.of(places.corners[sweep.moment], drive.cameras[f])
            counts = count_points(sweep, owner, hulls, drive.cameras[f])
            n = counts.on + fill * counts.front
            told = drive.tracks.labelled[sweep.moment] & (n >= 5) & (oracle["amodal_pixels"][f] >= 100)
            truth = oracle["visible_pixels"][f] / np.maximum(oracle["amodal_pixels"][f], 1)
            errors += (counts.on / np.maximum(n, 1e-9) - truth)[told].tolist()
            points += n[told].tolist()
            half_widths += np.maximum(SHARE_ERROR, SHARE_ERROR_OF_ONE / np.sqrt(n[told])).tolist()
    errors, points = np.abs(errors), np.array(points)
    for low, high in ((5, 10), (10, 30), (30, 100), (100, np.inf)):
        quantiles(f"visible share, {low} to {high} points", errors[(points >= low) & (points < high)])
    assert len(errors) > 200
    assert errors.mean() < 0.04
    assert (errors <= half_widths).all()


def test_pixels_lie_within_their_intervals(scene, annotation, oracle):
    """What a class is decided by: visible pixels, where the class is not a guess."""
    count = len(scene.drive.tracks.types)
    told = (annotation.doubts[:, :count] == 0) & (annotation.visible_pixels[:, :count] > 0)
    found, truth = annotation.visible_pixels[:, :count][told], oracle["visible_pixels"][told]
    low, high = annotation.doubtful_pixels[:, :count][told].T
    quantiles("visible pixels, found over true", found / truth)
    assert (found - low <= truth).all()
    assert (truth <= found + high + 5).all()  # a small thing has whole pixels, and its outline has not


def test_fill_of_outlines(scene, oracle):
    """Pixels of whole silhouettes over those of the box's outline lie between the least and the most, by type."""
    drive, places = scene.drive, Places.of(scene.drive)
    for kind, label in LABELS.items():
        shares, of_kind = [], drive.tracks.types == kind
        for f, s in enumerate(drive.moment):
            hulls = Hulls.of(places.corners[s], drive.cameras[f])
            # a box that the border cuts, or that reaches out of the canvas, shows another share
            whole = drive.tracks.labelled[s] & of_kind & (hulls.image_area > 200) & (hulls.nearest_m > 1)
            whole &= hulls.image_area > 0.999 * hulls.extended_area
            shares += (oracle["amodal_pixels"][f] / np.maximum(hulls.image_area, 1))[whole].tolist()
        quantiles(f"fill of the outline, {label}", np.array(shares))
        least, usual, most = FILL[kind]
        assert least <= min(shares) and max(shares) <= most
        assert np.median(shares) == pytest.approx(usual, rel=0.15)


def test_truncation(annotation, oracle):
    count = oracle["amodal_pixels"].shape[1]
    visible = annotation.visibility[:, :count] == VISIBLE
    truth = 1 - oracle["amodal_pixels"] / np.maximum(oracle["amodal_pixels_extended"], 1)
    errors = np.abs(annotation.truncation[:, :count] - truth)[visible]
    quantiles("truncation", errors)
    assert np.percentile(errors, 95) < 0.2


def test_visible_boxes(scene, annotation, oracle):
    count = oracle["amodal_pixels"].shape[1]
    visible = annotation.visibility[:, :count] == VISIBLE
    truth = np.stack([oracle[f"visible_{side}"] for side in ("x0", "y0", "x1", "y1")], axis=2)[visible]
    found = annotation.visible_box[:, :count][visible]
    off = np.abs((found[:, :2] + found[:, 2:] - truth[:, :2] - truth[:, 2:]) / 2).max(axis=1)
    sign = np.broadcast_to(scene.drive.tracks.types == 3, visible.shape)[visible]
    quantiles("centre of a sign's box, pixels", off[sign])
    assert (off[~sign] == 0).all()  # the drawn box is the exact one here
    assert off[sign].max() <= 3


def test_overlap(scene, annotation):
    index = {frame.frame_id: f for f, frame in enumerate(scene.frames)}
    rows = pq.read_table(FIXTURE / "oracle/pair_overlap.parquet").to_pylist()
    pairs = [(index[f"{r['frame_a']}_{r['camera_a']}"], index[f"{r['frame_b']}_{r['camera_b']}"]) for r in rows]
    truth = 100 * np.array([row["iou"] for row in rows])
    found = np.array([annotation.overlap[pair] for pair in pairs])
    assert len(found) == len(list(combinations(index, 2)))
    meet = truth > 0
    quantiles("overlap of pairs that meet, points", np.abs(found - truth)[meet])
    assert np.corrcoef(found, truth)[0, 1] > 0.97
    assert np.abs(found - truth)[meet].mean() < 2.5
    assert np.percentile(np.abs(found - truth)[meet], 95) < 10
    np.testing.assert_allclose(np.diag(annotation.overlap), 100)


# -- questions


@pytest.fixture(scope="module")
def questions(annotation):
    """What the drive could be asked, in words: pairs of the frames and the question, by type."""
    settings = GenerateSettings(source="waymo", root=FIXTURE, view_sets=200)
    proposed = propose(annotation, settings)
    frames = frames_of(proposed.view_sets)
    views = {one: View(annotation, ViewSet.of(one, annotation.overlap)) for one in proposed.view_sets}
    found = {}
    for kind, of_type in proposed.of_type.items():
        asked = as_asked(drawn(kind, of_type, frames, wrong=0, letters=NONE))
        shown = [proposed.view_sets[k] for k in of_type["view_set"]]
        found[kind] = [(at, ASK[kind](views[at], kind, one)) for at, one in zip(shown, asked, strict=True)]
    return found


def test_every_type_of_the_outdoor_set_is_proposed(questions):
    axes = ("lr", "ab", "fb")
    expected = {f"{kind}_{axis}" for kind in ("obj_existence_occ", "obj_spatial_occ") for axis in axes}
    expected |= {"obj_count_occ", "obj_count_occ_na", "bestview_count_occ", "obj_localization_occ"}
    expected |= {"obj_localization_occ_na", "obj_distance_occ_na", "obj_obj_distance_occ_na"}
    assert set(questions) == expected


def visible_in(classes: np.ndarray, frames: tuple[int, ...], of_kind: np.ndarray) -> set[int]:
    return set(np.flatnonzero((classes[list(frames)] == VISIBLE).any(axis=0) & of_kind).tolist())


def test_counts_are_those_of_the_exact_masks(scene, annotation, questions, classes):
    labels = annotation.labels[: classes.shape[1]]
    asked = [*questions["obj_count_occ"], *questions["obj_count_occ_na"]]
    for frames, question in asked:
        subject = question.text.removeprefix("How many ").partition("(s)")[0]
        assert int(question.truth) == len(visible_in(classes, frames, labels == subject))
    assert len({int(question.truth) for _, question in asked}) > 3


def test_the_best_view_is_that_of_the_exact_masks(annotation, questions, classes, oracle):
    labels = annotation.labels[: classes.shape[1]]
    assert questions["bestview_count_occ"]
    for shown, question in questions["bestview_count_occ"]:
        frames, subject = list(shown), question.text.removeprefix("How many ").partition("(s)")[0]
        visible = (classes[frames] == VISIBLE) & (labels == subject)
        areas = np.where(visible, oracle["visible_pixels"][frames], 0).sum(axis=1)
        best = np.lexsort((areas, visible.sum(axis=1)))[-1]
        assert question.numbers["best_frame"] == best + 1


def test_no_means_that_the_exact_masks_show_none(annotation, questions, classes):
    labels = annotation.labels[: classes.shape[1]]
    for frames, question in questions["obj_localization_occ"]:
        frame, subject = frames[question.asked_position], labels[question.targets[0]]
        shown = np.flatnonzero((classes[frame] != ABSENT) & (labels == subject))
        assert (question.truth == "No") == (len(shown) == 0)


def test_distances_are_those_of_the_renderer(annotation, questions, oracle):
    for frames, question in questions["obj_distance_occ_na"]:
        truth = oracle["centre_distance"][frames[question.asked_position], question.targets[0]]
        assert float(question.truth) == pytest.approx(truth, abs=0.011)


def test_no_set_shows_a_thing_that_moved(scene, annotation, questions):
    """Exact centres of boxes at the moments of a question's frames, of everything that takes part."""
    drive = scene.drive
    world = np.einsum("sij,skj->ski", drive.world_from_vehicle[:, :3, :3], drive.tracks.centre)
    world += drive.world_from_vehicle[:, None, :3, 3]
    of_several_moments = 0
    for asked in questions.values():
        for frames, question in asked:
            moments = drive.moment[list(frames)]
            of_several_moments += len(set(moments)) > 1
            for k in (*question.targets, *question.references):
                places = world[moments, k]
                places = places[np.isfinite(places[:, 0])]
                assert np.linalg.norm(places[:, None] - places, axis=2).max(initial=0) <= 0.5
    assert of_several_moments > 100
