import re

import numpy as np
from trimesh.triangles import closest_point

from generation.annotation.overlap import pair_overlap, sample_surface, visible_samples
from generation.rendering.raycast import RayCaster
from generation.sampling import sample_view_sets
from generation.scenes.base import Scene
from generation.scenes.procedural.source import ProceduralSource


MIN_DISTANCE_M = 0.35


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
            assert np.linalg.norm(nearest - centre, axis=1).min() >= MIN_DISTANCE_M, frame.frame_id


def test_cameras_are_not_inside_an_object(scene: Scene):
    """A point in an object would be shut in by it on all sides."""
    directions = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    for instance in scene.instances:
        if not instance.is_structure:
            caster = RayCaster(scene.mesh.vertices, scene.faces_of(instance.instance_id))
            for frame in scene.frames:
                origins = np.tile(frame.camera.centre.astype(np.float32), (64, 1))
                assert not caster.hits_anything(origins, directions).all(), (instance, frame.frame_id)


def test_cameras_are_held_by_hand(scene: Scene):
    right, down, forward = np.array([frame.camera.world_from_cam[:3, :3].T for frame in scene.frames]).swapaxes(0, 1)
    heights = np.array([frame.camera.centre[2] for frame in scene.frames])
    assert ((heights >= 0.7) & (heights <= 1.75)).all()
    assert (heights >= 1.2).mean() > 0.5
    pitch = np.degrees(np.arcsin(forward[:, 2]))
    assert ((pitch >= -30.001) & (pitch <= 5.001)).all()
    # roll is the angle of the image's rows against the horizon
    assert np.degrees(np.abs(np.arcsin(right[:, 2]))).max() <= 4.001
    assert (down[:, 2] < 0).all()


def test_looks_go_all_ways(scene: Scene):
    forward = np.array([frame.camera.world_from_cam[:3, 2] for frame in scene.frames])
    quarters = np.floor(np.degrees(np.arctan2(forward[:, 1], forward[:, 0])) % 360 / 90)
    assert set(quarters) == {0, 1, 2, 3}


def test_one_lens_for_the_walk_and_another_for_the_next(scene: Scene):
    first = scene.frames[0].camera.intrinsics
    assert all((frame.camera.intrinsics == first).all() for frame in scene.frames)
    width = 2 * np.degrees(np.arctan(320 / first[0, 0]))
    assert 55 <= width <= 80
    assert first[0, 0] == first[1, 1]
    assert 0 < np.abs(first[:2, 2] - [320, 240]).max() < 10


def test_lenses_vary_between_scenes():
    source = ProceduralSource(seed=1, num_scenes=3, frames_per_scene=2)
    focal = {source.load(name).frames[0].camera.intrinsics[0, 0] for name in source.scene_names()}
    assert len(focal) == 3


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
        hits = caster.cast(*frame.camera.rays())
        ids, pixels = np.unique(scene.mesh.face_instance[hits.face], return_counts=True)
        counts.append(np.isin(ids[pixels >= 100], askable).sum())
    assert (np.array(counts) >= 4).mean() >= 0.7
