import re

import numpy as np
import shapely
from trimesh.triangles import closest_point

from generation.annotation.overlap import pair_overlap, sample_surface, visible_samples
from generation.rendering.raycast import RayCaster
from generation.sampling import sample_view_sets
from generation.scenes.base import Scene
from generation.scenes.procedural.assemble import assemble
from generation.scenes.procedural.free_space import FreeSpace
from generation.scenes.procedural.walk import walk


# Nothing is nearer to a camera than this; floors, ceilings and what lies flat on them may be nearer to some cameras
MIN_DISTANCE_M, MIN_LEVEL_DISTANCE_M = 0.35, 0.19


def test_cameras_keep_their_distance(scene: Scene):
    """Distance to the nearest of all triangles, computed exactly."""
    triangles = scene.mesh.vertices[scene.mesh.faces]
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    for frame in scene.frames:
        centre = frame.camera.centre
        outside_by = np.maximum(np.maximum(low - centre, centre - high), 0)
        near = triangles[np.linalg.norm(outside_by, axis=1) < MIN_DISTANCE_M]
        if len(near):
            nearest = closest_point(near, np.broadcast_to(centre, (len(near), 3)))
            away = nearest - centre
            distance, sideways = np.linalg.norm(away, axis=1), np.linalg.norm(away[:, :2], axis=1)
            assert distance.min() >= MIN_LEVEL_DISTANCE_M, frame.frame_id
            beside = np.abs(away[:, 2]) < MIN_LEVEL_DISTANCE_M
            assert sideways[beside].min(initial=1.0) >= MIN_DISTANCE_M, frame.frame_id


def test_cameras_are_not_inside_an_object(scene: Scene):
    """A point in an object would be shut in by it on all sides."""
    directions = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    for instance in (instance for instance in scene.instances if not instance.is_structure):
        points = scene.points_of(instance.instance_id)
        low, high = points.min(axis=0), points.max(axis=0)
        around = [
            frame for frame in scene.frames if ((frame.camera.centre > low) & (frame.camera.centre < high)).all()
        ]
        if around:
            caster = RayCaster(scene.mesh.vertices, scene.faces_of(instance.instance_id))
            for frame in around:
                origins = np.tile(frame.camera.centre.astype(np.float32), (64, 1))
                assert not caster.hits_anything(origins, directions).all(), (instance, frame.frame_id)


def test_cameras_are_held_by_hands_robots_shelves_and_ceilings(all_scenes: list[Scene]):
    heights, pitches, rolls = [], [], []
    for scene in all_scenes:
        ceiling = scene.mesh.vertices[:, 2].max()
        right, down, forward = np.array([f.camera.world_from_cam[:3, :3].T for f in scene.frames]).swapaxes(0, 1)
        assert (down[:, 2] < 0).all()
        height = np.array([frame.camera.centre[2] for frame in scene.frames])
        pitch = np.degrees(np.arcsin(forward[:, 2]))
        under_ceiling = height > 1.76
        assert (height[under_ceiling] > ceiling - 0.51).all()
        assert (pitch[under_ceiling] < -15.9).all()  # they look down
        assert (height >= 0.3).all()
        assert not ((height > 0.6) & (height < 0.7)).any()
        heights.append(height)
        pitches.append(pitch)
        rolls.append(np.degrees(np.abs(np.arcsin(right[:, 2]))))
    height, pitch, roll = (np.concatenate(all_of) for all_of in (heights, pitches, rolls))
    for low, high, least in ((1.2, 1.75, 0.5), (0.3, 0.6, 0.03), (0.7, 1.2, 0.03), (1.76, 4.0, 0.04)):
        assert ((height >= low) & (height <= high)).mean() >= least
    assert pitch.min() >= -40.01
    assert pitch.max() <= 14.01
    assert roll.max() <= 4.1


def test_looks_go_all_ways(scene: Scene):
    forward = np.array([frame.camera.world_from_cam[:3, 2] for frame in scene.frames])
    quarters = np.floor(np.degrees(np.arctan2(forward[:, 1], forward[:, 0])) % 360 / 90)
    assert len(set(quarters)) >= 3


def test_one_lens_for_a_scene_and_another_for_the_next(scene: Scene):
    first = scene.frames[0].camera.intrinsics
    assert all((frame.camera.intrinsics == first).all() for frame in scene.frames)
    width = 2 * np.degrees(np.arctan(320 / first[0, 0]))
    assert 45 <= width <= 95
    assert first[0, 0] == first[1, 1]
    assert 0 < np.abs(first[:2, 2] - [320, 240]).max() < 10


def test_lenses_vary_between_scenes(all_scenes: list[Scene]):
    focal = [scene.frames[0].camera.intrinsics[0, 0] for scene in all_scenes]
    assert len(set(focal)) == len(focal)


def test_frame_ids_are_in_order_of_time_with_gaps(scene: Scene):
    ids = [frame.frame_id for frame in scene.frames]
    assert all(re.fullmatch(r"frame_\d{5}0", frame_id) for frame_id in ids)
    steps = np.diff([int(frame_id[-6:]) for frame_id in ids])
    assert (steps >= 10).all()
    assert (steps > 10).any()


def test_many_low_overlap_view_sets(scene: Scene):
    rng = np.random.default_rng(0)
    samples = sample_surface(scene.mesh.vertices[scene.mesh.faces], 8000, rng)
    caster = RayCaster(scene.mesh.vertices, scene.mesh.faces)
    bits = np.array([np.packbits(visible_samples(caster, frame.camera, samples)) for frame in scene.frames])
    sets, _ = sample_view_sets(pair_overlap(bits), 60, rng)
    assert len(sets) == 60
    assert {len(view_set.frames) for view_set in sets} == {2, 3, 4, 5}


def test_most_frames_show_several_objects(scene: Scene):
    caster = RayCaster(scene.mesh.vertices, scene.mesh.faces)
    askable = [instance.instance_id for instance in scene.instances if not instance.is_structure]
    counts = []
    for frame in scene.frames:
        # every fourth pixel of every fourth row
        pixels = np.stack(np.meshgrid(np.arange(2, 640, 4), np.arange(2, 480, 4)), axis=-1).reshape(-1, 2) + 0.5
        hits = caster.cast(*frame.camera.rays_through(pixels))
        ids, number = np.unique(scene.mesh.face_instance[hits.face], return_counts=True)
        counts.append(np.isin(ids[number >= 7], askable).sum())
    assert (np.array(counts) >= 4).mean() >= 0.7
    assert min(counts) >= 2


def test_the_walk_leads_into_every_room_of_a_flat(all_furnished):
    for rooms, furniture in all_furnished["flat"]:
        free = FreeSpace(rooms, furniture)
        places = free.path(400, np.random.default_rng(0))
        visits = [shapely.contains_xy(room.plan, places).sum() for room in rooms]
        assert min(visits) >= 5
        # short steps never lead through a wall
        steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
        lines = shapely.linestrings(np.stack([places[:-1], places[1:]], axis=1)[steps < 0.3])
        assert shapely.contains(free.plan.buffer(0.1), lines).all()


def test_views_look_through_the_doorways_of_a_flat(all_furnished):
    """Some frames show things of a room in which the camera does not stand."""
    rooms, furniture = all_furnished["flat"][0]
    structure = [placed for room in rooms for placed in room.structure]
    mesh, _, _ = assemble([*structure, *furniture], (), (0.0, 0.0, 0.0))
    caster = RayCaster(mesh.vertices, mesh.faces)
    through = 0
    for frame in walk(rooms, furniture, mesh, 24, (64, 48), np.random.default_rng(0)):
        home = min(rooms, key=lambda room: room.plan.distance(shapely.Point(frame.camera.centre[:2])))
        origins, directions = frame.camera.rays()
        points = origins + caster.cast(origins, directions).t[:, None] * directions
        elsewhere = ~shapely.contains_xy(home.plan.buffer(0.2), points[:, :2])
        through += elsewhere.mean() > 0.02
    assert through >= 4
