"""Every category, several variants: what the room and the renderer rely on, checked by brute force."""

import numpy as np
import pytest

from generation.rendering.raycast import RayCaster
from generation.rng import stage_rng
from generation.scenes.procedural.catalogue import CATEGORIES, MODULES


VARIANTS = 4
PLACES = {"wall_side", "floor", "surface", "wall", "ceiling", "rug"}
CONTACT_M = 1e-3
# From which side a thing on a wall or under a ceiling is seen: axis and sign; others are seen from above
SEEN_FROM = {"wall": (1, -1), "ceiling": (2, -1)}
# Least and most width, depth and height in metres that such a thing has in a shop
SIZES_M = {
    "armchair": ((0.65, 0.7, 0.7), (1.0, 1.0, 1.15)),
    "backpack": ((0.25, 0.15, 0.4), (0.45, 0.4, 0.6)),
    "ball": ((0.2, 0.2, 0.2), (0.25, 0.25, 0.25)),
    "basket": ((0.3, 0.3, 0.25), (0.5, 0.5, 0.45)),
    "bed": ((0.9, 1.9, 0.8), (1.9, 2.2, 1.2)),
    "bench": ((0.8, 0.25, 0.4), (1.6, 0.45, 0.5)),
    "bicycle": ((1.5, 0.4, 0.95), (1.85, 0.7, 1.15)),
    "book": ((0.015, 0.1, 0.015), (0.3, 0.25, 0.3)),
    "bookshelf": ((0.6, 0.2, 1.3), (1.1, 0.4, 2.1)),
    "bottle": ((0.06, 0.06, 0.25), (0.1, 0.1, 0.36)),
    "bowl": ((0.12, 0.12, 0.04), (0.3, 0.3, 0.15)),
    "cabinet": ((0.7, 0.35, 0.7), (1.5, 0.5, 1.0)),
    "candle": ((0.08, 0.08, 0.1), (0.16, 0.16, 0.26)),
    "cardboard box": ((0.25, 0.15, 0.12), (1.2, 1.0, 0.8)),
    "clock": ((0.2, 0.02, 0.2), (0.45, 0.06, 0.45)),
    "coat rack": ((0.35, 0.35, 1.6), (0.7, 0.7, 1.95)),
    "coffee table": ((0.7, 0.4, 0.3), (1.3, 0.75, 0.5)),
    "computer mouse": ((0.05, 0.09, 0.025), (0.08, 0.13, 0.05)),
    "cooking pot": ((0.24, 0.18, 0.12), (0.4, 0.32, 0.3)),
    "desk": ((1.0, 0.5, 0.7), (1.8, 0.85, 0.8)),
    "dining chair": ((0.38, 0.38, 0.8), (0.55, 0.6, 1.1)),
    "dining table": ((0.85, 0.7, 0.7), (2.0, 1.3, 0.8)),
    "dresser": ((0.7, 0.4, 0.9), (1.2, 0.6, 1.3)),
    "fan": ((0.35, 0.35, 1.0), (0.55, 0.5, 1.4)),
    "fire extinguisher": ((0.15, 0.12, 0.45), (0.32, 0.2, 0.65)),
    "floor lamp": ((0.3, 0.3, 1.3), (0.6, 0.6, 1.8)),
    "frying pan": ((0.35, 0.2, 0.04), (0.55, 0.32, 0.1)),
    "globe": ((0.2, 0.2, 0.28), (0.4, 0.4, 0.5)),
    "guitar": ((0.32, 0.12, 0.95), (0.45, 0.35, 1.15)),
    "kettle": ((0.2, 0.13, 0.2), (0.32, 0.2, 0.32)),
    "keyboard": ((0.35, 0.11, 0.015), (0.48, 0.17, 0.05)),
    "ladder": ((0.4, 0.6, 1.0), (0.65, 1.3, 1.8)),
    "laptop": ((0.28, 0.2, 0.15), (0.4, 0.4, 0.3)),
    "microwave": ((0.42, 0.3, 0.22), (0.55, 0.47, 0.34)),
    "monitor": ((0.45, 0.14, 0.35), (0.75, 0.3, 0.6)),
    "mug": ((0.08, 0.06, 0.08), (0.14, 0.1, 0.12)),
    "nightstand": ((0.35, 0.3, 0.4), (0.55, 0.5, 0.65)),
    "office chair": ((0.5, 0.5, 0.85), (0.75, 0.8, 1.35)),
    "pendant lamp": ((0.25, 0.25, 0.5), (0.5, 0.5, 1.0)),
    "piano": ((1.3, 0.5, 1.0), (1.6, 0.75, 1.35)),
    "picture": ((0.18, 0.01, 0.18), (1.0, 0.05, 1.0)),
    "pillow": ((0.38, 0.35, 0.1), (0.7, 0.5, 0.2)),
    "plate": ((0.2, 0.2, 0.015), (0.3, 0.3, 0.04)),
    "potted plant": ((0.25, 0.25, 0.4), (1.6, 1.6, 1.6)),
    "printer": ((0.35, 0.3, 0.2), (0.55, 0.65, 0.55)),
    "radiator": ((0.5, 0.08, 0.5), (1.3, 0.2, 0.7)),
    "refrigerator": ((0.55, 0.55, 1.5), (0.8, 0.8, 2.0)),
    "rug": ((1.2, 0.8, 0.005), (2.6, 1.8, 0.02)),
    "shoe": ((0.08, 0.25, 0.08), (0.13, 0.34, 0.14)),
    "skateboard": ((0.7, 0.18, 0.1), (0.9, 0.25, 0.2)),
    "sofa": ((1.4, 0.75, 0.7), (2.4, 1.1, 1.0)),
    "speaker": ((0.14, 0.15, 0.25), (0.28, 0.35, 0.42)),
    "stool": ((0.25, 0.25, 0.4), (0.5, 0.5, 0.82)),
    "stove": ((0.55, 0.55, 0.85), (0.7, 0.75, 1.1)),
    "suitcase": ((0.33, 0.2, 0.7), (0.5, 0.32, 1.15)),
    "table lamp": ((0.2, 0.2, 0.35), (0.42, 0.42, 0.65)),
    "teddy bear": ((0.18, 0.16, 0.2), (0.4, 0.4, 0.45)),
    "television": ((0.9, 0.15, 0.55), (1.5, 0.35, 0.95)),
    "toaster": ((0.24, 0.14, 0.15), (0.36, 0.22, 0.25)),
    "trash can": ((0.2, 0.2, 0.3), (0.5, 0.6, 0.7)),
    "tv stand": ((1.2, 0.3, 0.35), (1.8, 0.55, 0.6)),
    "umbrella": ((0.7, 0.85, 0.6), (1.2, 1.2, 1.1)),
    "vase": ((0.1, 0.1, 0.18), (0.3, 0.3, 0.4)),
    "wardrobe": ((0.8, 0.5, 1.75), (1.6, 0.7, 2.2)),
    "washing machine": ((0.55, 0.45, 0.8), (0.65, 0.7, 0.9)),
    "whiteboard": ((0.8, 0.02, 0.5), (1.6, 0.15, 1.0)),
    "wine glass": ((0.06, 0.06, 0.15), (0.1, 0.1, 0.24)),
}


@pytest.fixture(params=CATEGORIES)
def label(request):
    return request.param


def build(label, variant):
    return CATEGORIES[label].build(stage_rng(variant, label))


def soup(parts):
    """All triangles of some parts: corners `(T, 3, 3)`, corner normals `(T, 3, 3)`, part of each `(T,)`."""
    corners = np.concatenate([part.vertices[part.faces] for part in parts])
    normals = np.concatenate([part.normals[part.faces] for part in parts])
    return corners, normals, np.repeat(np.arange(len(parts)), [len(part.faces) for part in parts])


def test_labels_are_unique_and_plain():
    labels = [category.label for module in MODULES for category in module.CATEGORIES]
    assert len(set(labels)) == len(labels) == len(CATEGORIES) >= 34
    assert all(label == label.lower().strip() and CATEGORIES[label].place in PLACES for label in labels)


@pytest.mark.parametrize("variant", range(VARIANTS))
def test_normals_are_unit_and_on_the_outer_side(label, variant):
    asset = build(label, variant)
    assert asset.label == label
    corners, normals, _ = soup(asset.parts)
    assert np.allclose(np.linalg.norm(normals, axis=2), 1, atol=1e-6)
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("tcx,tx->tc", normals, face_normals) > 0).all()


@pytest.mark.parametrize("variant", range(VARIANTS))
def test_closed_parts_face_outwards(label, variant):
    """The volume under a closed mesh (divergence theorem) is positive only if its faces look outwards."""
    for part in build(label, variant).parts:
        if len(part.faces) > 2:  # pictures are single sheets
            corners = part.vertices[part.faces] - part.vertices.mean(axis=0)
            assert np.linalg.det(corners).sum() > 0


@pytest.mark.parametrize("variant", range(VARIANTS))
def test_origin_and_size(label, variant):
    low, high = build(label, variant).bounds
    least, most = SIZES_M[label]
    assert (high - low >= least).all() and (high - low <= most).all(), high - low
    place = CATEGORIES[label].place
    middle = (low + high) / 2
    assert abs(middle[0]) < CONTACT_M
    if place == "wall":
        assert abs(high[1]) < CONTACT_M and abs(middle[2]) < CONTACT_M
    else:
        assert abs(middle[1]) < CONTACT_M
        assert abs(high[2] if place == "ceiling" else low[2]) < CONTACT_M


def test_surfaces_lie_on_geometry_and_have_their_clearance(label):
    for variant in range(VARIANTS):
        asset = build(label, variant)
        corners, _, _ = soup(asset.parts)
        caster = RayCaster(corners.reshape(-1, 3), np.arange(3 * len(corners)).reshape(-1, 3))
        rng = np.random.default_rng(variant)
        for surface in asset.surfaces:
            above = min(surface.clearance_m, 3.0) - CONTACT_M
            origins = np.column_stack(
                [rng.uniform(*surface.x, 100), rng.uniform(*surface.y, 100), np.full(100, surface.z + above)]
            ).astype(np.float32)
            hits = caster.cast(origins, np.tile(np.float32([0, 0, -1]), (100, 1)))
            assert np.abs(hits.t - above).max() < 0.002


def test_no_two_parts_fight_for_one_surface(label):
    """From outside, the first surface is never a second part's as well: checked against every triangle."""
    for variant in range(2):
        asset = build(label, variant)
        corners, _, part = soup(asset.parts)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        rng = np.random.default_rng(variant)
        targets = rng.uniform(*asset.bounds, (150, 3))
        outward = rng.normal(size=(150, 3))
        axis, side = SEEN_FROM.get(CATEGORIES[label].place, (2, 1))
        outward[:, axis] = side * np.abs(outward[:, axis])
        t = ray_triangle_distances(targets + 5 * outward, -outward, corners)
        t[outward @ normals.T < 0] = np.inf
        first, first_normal = t.min(axis=1), normals[t.argmin(axis=1)]
        close = t <= first[:, None] + 1e-4 / np.linalg.norm(outward, axis=1)[:, None]
        rivals = np.isfinite(first)[:, None] & close & (first_normal @ normals.T > 0.99)  # crossing is no fight
        for ray in np.flatnonzero(rivals.any(axis=1)):
            assert len(set(part[rivals[ray]])) == 1, f"{label}, variant {variant}: parts {set(part[rivals[ray]])}"


def ray_triangle_distances(origins, directions, corners):
    """Moeller-Trumbore for every ray and triangle: `(R, T)`, infinite where there is no hit."""
    edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p = np.cross(directions[:, None], edge2[None])
    det = (p * edge1).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = origins[:, None] - corners[None, :, 0]
        u = (s * p).sum(axis=2) / det
        q = np.cross(s, edge1[None])
        v = (q * directions[:, None]).sum(axis=2) / det
        t = (q * edge2).sum(axis=2) / det
    return np.where((np.abs(det) > 1e-14) & (u >= 0) & (v >= 0) & (u + v <= 1), t, np.inf)


def test_same_seed_same_object(label):
    first, second = build(label, 3), build(label, 3)
    assert first.surfaces == second.surfaces and len(first.parts) == len(second.parts)
    for one, other in zip(first.parts, second.parts, strict=True):
        assert one.material == other.material
        for name in ("vertices", "faces", "normals", "texcoords"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_objects_are_light_enough_for_a_room(label):
    assert max(sum(len(part.faces) for part in build(label, v).parts) for v in range(VARIANTS)) <= 3200


def test_flat_pictures_span_the_unit_square_with_their_aspect(label):
    flat_patterns = {"picture", "screen", "rug", "keys", "book"}
    for part in build(label, 1).parts:
        if part.material.pattern in flat_patterns:
            assert set(part.texcoords[:, :2].ravel()) == {0.0, 1.0}
            edge = {tuple(uv): xyz for uv, xyz in zip(part.texcoords[:, :2], part.vertices, strict=True)}
            width = np.linalg.norm(edge[1.0, 0.0] - edge[0.0, 0.0])
            height = np.linalg.norm(edge[0.0, 1.0] - edge[0.0, 0.0])
            assert np.allclose(part.texcoords[:, 2], width / height)
