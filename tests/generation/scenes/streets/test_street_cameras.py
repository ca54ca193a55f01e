"""The car's rig and the walkers: where they are, what they see, and that views can be combined."""

import re
from collections import Counter

import numpy as np
import shapely

from generation.annotation.overlap import pair_overlap, sample_surface, visible_samples
from generation.rendering.raycast import RayCaster
from generation.rng import stage_rng
from generation.sampling import sample_view_sets
from generation.scenes.streets.cameras import RIG
from generation.scenes.streets.plan import draw_plan


STRUCTURE = {"road", "kerb", "pavement", "building"}


def _azimuth(frame) -> float:
    forward = frame.camera.world_from_cam[:3, 2]
    return float(np.degrees(np.arctan2(forward[1], forward[0])))


def test_half_of_the_frames_are_the_cars(street_scene):
    names = [frame.frame_id for frame in street_scene.frames]
    assert len(names) == 24
    drive = [name for name in names if re.fullmatch(rf"drive_\d\d_({'|'.join(RIG)})", name)]
    walk = [name for name in names if re.fullmatch(r"walk_\d\d", name)]
    assert len(drive) == 10 and len(walk) == 14
    assert set(Counter(name[:8] for name in drive).values()) == {5}


def test_the_cars_cameras_cover_its_front_half_with_some_overlap(street_scene):
    frames = {frame.frame_id: frame for frame in street_scene.frames}
    for stop in ("drive_00", "drive_01"):
        cameras = [
            frames[f"{stop}_{name}"] for name in ("side_left", "front_left", "front", "front_right", "side_right")
        ]
        edges = []
        for frame in cameras:
            k, middle = frame.camera.intrinsics, _azimuth(frame)
            left, right = np.degrees(np.arctan([k[0, 2] / k[0, 0], (frame.camera.width - k[0, 2]) / k[0, 0]]))
            assert 48 < left + right < 53
            edges.append((middle + left, middle - right))
        for (_, right), (left, _) in zip(edges[:-1], edges[1:], strict=True):
            assert 2 < left - right < 9
        assert abs(_azimuth(cameras[2])) < 5  # the car heads for +x
        heights = [frame.camera.centre[2] for frame in cameras]
        assert min(heights) >= 1.6 and max(heights) <= 2.0
        centres = np.array([frame.camera.centre for frame in cameras])
        assert np.linalg.norm(centres - centres.mean(axis=0), axis=1).max() < 0.5


def test_the_car_is_in_its_lane_and_walkers_are_on_both_pavements(street_scene):
    plan = draw_plan(stage_rng(11, street_scene.scene_name, "plan"))
    sides = set()
    for frame in street_scene.frames:
        x, y, z = frame.camera.centre
        if frame.frame_id.startswith("drive"):
            assert -plan.lane < y < 0
        else:
            assert plan.pavements.contains(shapely.Point(x, y))
            assert 1.4 < z < 2.0
            sides.add(np.sign(y))
    assert sides == {-1.0, 1.0}


def test_cameras_are_outside_of_everything_and_see_the_street(street_scene):
    """Rays all round meet nothing within half a metre, and no wall shuts the camera in."""
    caster = RayCaster(street_scene.mesh.vertices, street_scene.mesh.faces)
    directions = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    labels = {one.instance_id: one.label for one in street_scene.instances}
    for frame in street_scene.frames:
        hits = caster.cast(np.tile(frame.camera.centre.astype(np.float32), (400, 1)), directions)
        assert hits.t.min() > 0.5, frame.frame_id
        down = caster.cast(frame.camera.centre[None].astype(np.float32), np.float32([[0, 0, -1]]))
        assert labels[street_scene.mesh.face_instance[down.face[0]]] in {"road", "pavement", "kerb"}
        assert (hits.t > 3).mean() > 0.2, frame.frame_id


def test_rays_that_leave_the_scene_go_up(street_scene):
    """Buildings close every end: below 4 degrees above the horizon nothing but the street is seen."""
    caster = RayCaster(street_scene.mesh.vertices, street_scene.mesh.faces)
    for frame in street_scene.frames:
        origins, directions = frame.camera.rays()
        hits = caster.cast(origins[::23], directions[::23])
        up = directions[::23, 2] / np.linalg.norm(directions[::23], axis=1)
        assert not ((hits.face < 0) & (up < np.sin(np.radians(4)))).any(), frame.frame_id


def test_many_low_overlap_view_sets(street_scene):
    rng = np.random.default_rng(0)
    samples = sample_surface(street_scene.mesh.vertices[street_scene.mesh.faces], 20000, rng)
    caster = RayCaster(street_scene.mesh.vertices, street_scene.mesh.faces)
    bits = np.array([np.packbits(visible_samples(caster, frame.camera, samples)) for frame in street_scene.frames])
    sets, _ = sample_view_sets(pair_overlap(bits), 60, rng)
    assert len(sets) == 60
    assert {len(view_set.frames) for view_set in sets} == {2, 3, 4, 5}


def test_most_frames_show_several_things(street_scene):
    caster = RayCaster(street_scene.mesh.vertices, street_scene.mesh.faces)
    askable = [one.instance_id for one in street_scene.instances if one.label not in STRUCTURE]
    counts = []
    for frame in street_scene.frames:
        hits = caster.cast(*(rays[::9] for rays in frame.camera.rays()))  # every ninth pixel
        ids, pixels = np.unique(street_scene.mesh.face_instance[hits.face[hits.face >= 0]], return_counts=True)
        counts.append(np.isin(ids[pixels >= 12], askable).sum())
    assert (np.array(counts) >= 4).mean() >= 0.7
