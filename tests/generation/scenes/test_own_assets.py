import csv
import dataclasses
import json
from collections import Counter

import numpy as np
import pytest
import trimesh
from PIL import Image
from trimesh.visual.material import PBRMaterial, SimpleMaterial

from dataset_builder.errors import DatasetError
from generation.audit.audit import source_settings
from generation.audit.settings import AuditSettings
from generation.content import content_digest
from generation.proposals import proposals_key
from generation.scenes.base import SceneError
from generation.scenes.checks import check_scene
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.scenes.procedural.own_assets import own_catalogue
from generation.scenes.procedural.source import ProceduralSource
from generation.settings import GenerateSettings


RED = (0.5, 0.02, 0.01)
Y_UP = trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0))


def box(size, base=(0, 0, 0), color=RED):
    """Z-up box whose underside is centred on `base`, with one linear base colour."""
    mesh = trimesh.creation.box(size)
    mesh.apply_translation(np.array(base) + [0, 0, size[2] / 2])
    material = PBRMaterial(baseColorFactor=[*color, 1.0], metallicFactor=0.0, roughnessFactor=0.9)
    mesh.visual = trimesh.visual.TextureVisuals(material=material)
    return mesh


def chair(factor=1.0):
    """0.5 m wide, 0.6 m deep and 0.9 m high, its back at +y, so its front faces -y."""
    parts = [
        box((0.5, 0.6, 0.45)),
        box((0.5, 0.05, 0.45), (0, 0.275, 0.45), (0.1, 0.2, 0.6)),
    ]
    for part in parts:
        part.apply_scale(factor)
    return trimesh.Scene(parts)


def as_glb(scene, path):
    """glTF files are y-up by their standard."""
    turned = scene.copy()
    turned.apply_transform(Y_UP)
    turned.export(path)


@pytest.fixture
def folder(tmp_path):
    """`(mesh, **row)` -> the folder with one more row and its file."""
    rows = []

    def add(mesh, suffix="glb", write=True, **row):
        row = {"file": f"thing_{len(rows)}.{suffix}", "label": "camp chair", "place": "floor"} | row
        rows.append(row)
        if mesh is not None and suffix == "glb":
            as_glb(mesh, tmp_path / row["file"])
        elif mesh is not None:
            mesh.export(tmp_path / row["file"])
        if write:
            columns = sorted({name for one in rows for name in one})
            with (tmp_path / "labels.csv").open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, columns)
                table.writeheader()
                table.writerows(rows)
        return tmp_path

    return add


def built(folder, label="camp chair", seed=0):
    return own_catalogue(folder)[label].build(np.random.default_rng(seed))


def refusal(folder):
    with pytest.raises(SceneError) as raised:
        own_catalogue(folder)
    return str(raised.value)


def test_glb_in_metres_stands_with_its_front_to_minus_y(folder):
    asset = built(folder(chair()))
    low, high = asset.bounds
    np.testing.assert_allclose(low, [-0.25, -0.3, 0], atol=1e-6)
    np.testing.assert_allclose(high, [0.25, 0.3, 0.9], atol=1e-6)
    seat, back = sorted(asset.parts, key=lambda part: part.vertices[:, 2].max())
    assert back.vertices[:, 1].min() > 0.24 and seat.vertices[:, 1].min() < -0.29
    np.testing.assert_allclose([seat.material.color, back.material.color], [RED, (0.1, 0.2, 0.6)], atol=0.005)
    for part in asset.parts:  # normals of a box point outwards
        outward = part.vertices - (part.vertices.min(axis=0) + part.vertices.max(axis=0)) / 2
        assert ((part.normals * outward).sum(axis=1) > 0).all()


@pytest.mark.parametrize(
    ("up", "front", "turn"), [("z", "-y", 0), ("z", "+x", 90), ("z", "-x", -90), ("z", "+y", 180)]
)
def test_obj_with_any_axes_and_unit_gives_the_same_thing(folder, up, front, turn):
    """The chair turned about its vertical axis, in centimetres, told by its front."""
    mesh = chair(100).to_mesh()
    mesh.apply_transform(trimesh.transformations.rotation_matrix(np.radians(turn), (0, 0, 1)))
    asset = built(folder(mesh, "obj", unit="cm", up=up, front=front))
    low, high = asset.bounds
    np.testing.assert_allclose([low, high], [[-0.25, -0.3, 0], [0.25, 0.3, 0.9]], atol=1e-4)
    vertices = np.concatenate([part.vertices for part in asset.parts])
    assert vertices[vertices[:, 2] > 0.6][:, 1].min() > 0.24  # its back is at the back


def test_colours_of_obj_textures_and_vertices(folder):
    """A texture of two halves gives two parts; what a screen shows as 188 of 255 is half as bright as white."""
    plate = trimesh.creation.box((0.4, 0.4, 0.02))
    plate.unmerge_vertices()
    uv = np.where(plate.triangles_center[:, [0]] > 0, [[0.75, 0.5]], [[0.25, 0.5]])
    image = Image.fromarray(np.uint8([[[188, 188, 188], [255, 0, 0]]])).resize((64, 64), Image.Resampling.NEAREST)
    plate.visual = trimesh.visual.TextureVisuals(np.repeat(uv, 3, axis=0), SimpleMaterial(image))
    colors = {
        part.material.color
        for part in built(folder(plate, "obj", label="tile", place="surface", up="z"), "tile").parts
    }
    np.testing.assert_allclose(sorted(colors), [(0.503, 0.503, 0.503), (1, 0, 0)], atol=0.01)

    ball = trimesh.creation.icosphere(1, 0.1)
    ball.visual.vertex_colors = (0, 255, 0, 255)
    assert built(folder(ball, label="orb", place="surface"), "orb").parts[0].material.color == (0, 1, 0)


def test_metal_and_roughness_of_gltf_materials_are_kept(folder):
    ball = trimesh.creation.icosphere(1, 0.1)
    for metal, rough, pattern, gloss in ((1.0, 0.08, "metal", 1.0), (0.0, 0.9, "plain", 0.0)):
        material = PBRMaterial(baseColorFactor=[0.4, 0.4, 0.4, 1.0], metallicFactor=metal, roughnessFactor=rough)
        ball.visual = trimesh.visual.TextureVisuals(material=material)
        (part,) = built(folder(trimesh.Scene(ball), label=f"{pattern} orb", place="surface"), f"{pattern} orb").parts
        assert (part.material.pattern, part.material.gloss) == (pattern, pytest.approx(gloss))


def test_mesh_of_too_many_loose_pieces_is_refused(folder):
    """2,001 triangles that do not touch."""
    corners = np.array([(0, 0, 0), (0.01, 0, 0), (0, 0.01, 0.01)])
    vertices = (corners + 0.02 * np.stack(np.unravel_index(np.arange(2001), (13, 13, 13)), axis=1)[:, None]).reshape(
        -1, 3
    )
    message = refusal(folder(trimesh.Trimesh(vertices, np.arange(6003).reshape(-1, 3)), "obj", up="z"))
    assert "2,001 loose pieces; at most 2,000" in message and "Join them" in message


def test_open_meshes_are_taken(folder):
    """A single sheet, one side of a box missing: most scanned meshes are no closed volumes."""
    shell = trimesh.creation.box((0.5, 0.5, 0.5))
    shell.update_faces(np.arange(12) != 3)
    assert sum(len(part.faces) for part in built(folder(trimesh.Scene(shell))).parts) == 11


def test_size_that_cannot_be_names_the_likely_unit(folder):
    assert "'cm'" in (message := refusal(folder(chair(100)))) and "0.5 x 0.6 x 0.9 m" in message
    assert "row 1" in message and "50 x 60 x 90 m" in message and "camp chair" in message


def test_tiny_thing_of_a_known_label_is_measured_by_the_catalogue(folder):
    """A stool of 4 mm was meant in metres but read as millimetres."""
    message = refusal(folder(chair(1.0), label="stool", unit="mm"))
    assert "'m'" in message and "0.9 m" in message


def test_height_range_scales_the_thing(folder):
    """Whatever the unit; the rng picks the height."""
    category = own_catalogue(folder(chair(37.0), height_m="0.8-1.2"))["camp chair"]
    heights = [category.build(np.random.default_rng(seed)).bounds[1][2] for seed in range(30)]
    assert 0.8 <= min(heights) < 0.9 and 1.1 < max(heights) <= 1.2
    np.testing.assert_allclose(np.array(category.size_m)[:, 2], [0.8, 1.2])
    np.testing.assert_allclose(np.array(category.size_m)[:, 0], [0.8 * 5 / 9, 1.2 * 5 / 9])


def test_several_meshes_of_a_label_are_its_variants(folder):
    folder(chair(), label="camp chair")
    category = own_catalogue(folder(chair(1.5), label="camp chair"))["camp chair"]
    assert category.variants == ("thing_0.glb", "thing_1.glb")
    heights = {round(category.build(np.random.default_rng(seed)).bounds[1][2], 3) for seed in range(20)}
    assert heights == {0.9, 1.35}


def test_top_that_carries_is_clear_of_what_rises_from_it(folder):
    """A table with a rail along its back and a board above: others stand before the rail, under the board."""
    table = [box((1.2, 0.6, 0.04), (0, 0, 0.7)), box((0.1, 0.1, 0.7)), box((1.2, 0.02, 0.1), (0, 0.29, 0.74))]
    table.append(box((1.2, 0.1, 0.02), (0, 0.2, 1.14)))
    (top,) = built(folder(trimesh.Scene(table), carries="yes")).surfaces
    np.testing.assert_allclose([top.z, top.clearance_m], [0.74, 0.4], atol=1e-5)
    np.testing.assert_allclose([*top.x, *top.y], [-0.58, 0.58, -0.28, 0.24], atol=0.001)
    assert built(folder(trimesh.Scene(table), label="cart", carries="no"), "cart").surfaces == ()


def test_top_of_a_round_table_lies_within_its_edge(folder):
    table = trimesh.creation.cylinder(0.5, 0.05, sections=48)
    (top,) = built(folder(trimesh.Scene(table), carries="yes")).surfaces
    assert np.hypot(top.x[1], top.y[1]) < 0.5 and top.x[1] > 0.25


def test_replacing_a_category_keeps_what_rooms_need_of_it(folder):
    desk = trimesh.Scene([box((1.4, 0.7, 0.03), (0, 0, 0.72)), box((0.05, 0.6, 0.72))])
    catalogue = own_catalogue(folder(desk, label="desk", place="wall_side"))
    assert set(catalogue) == set(CATEGORIES) and catalogue["mug"] is CATEGORIES["mug"]
    assert catalogue["desk"].build(np.random.default_rng(0)).surfaces  # monitors stand on desks
    bag = trimesh.creation.icosphere(2, 0.5)
    assert built(folder(trimesh.Scene(bag), label="armchair"), "armchair").surfaces == ()  # pillows are left out
    message = refusal(folder(trimesh.Scene(bag), label="nightstand", place="wall_side"))
    assert "no level top" in message and "a label that the catalogue lacks" in message


def test_places_have_their_anchors(folder):
    folder(trimesh.Scene(box((0.6, 0.04, 0.4))), label="shield", place="wall")
    catalogue = own_catalogue(folder(trimesh.Scene(box((0.3, 0.3, 0.5))), label="lantern", place="ceiling"))
    shield, lantern = (catalogue[label].build(np.random.default_rng(0)).bounds for label in ("shield", "lantern"))
    np.testing.assert_allclose(shield, [[-0.3, -0.04, -0.2], [0.3, 0, 0.2]], atol=1e-6)
    np.testing.assert_allclose(lantern, [[-0.15, -0.15, -0.5], [0.15, 0.15, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"place": "roof"}, "`place` is 'roof'.*floor, wall_side, surface"),
        ({"unit": "yard"}, "`unit` is 'yard'.*inch"),
        ({"up": "x"}, "`up` is 'x'"),
        ({"front": "+y"}, "`front` and `up` are both along y"),
        ({"label": "Camp Chair"}, "'Camp Chair' is not a singular noun in lower case"),
        ({"label": "camp chairs"}, "'camp chairs' is not a singular noun"),
        ({"label": "object"}, "'object' is not a singular noun"),
        ({"label": ""}, "`label` is empty"),
        ({"height_m": "tall"}, "`height_m` is 'tall'"),
        ({"height_m": "2-1"}, "`height_m` is '2-1'"),
        ({"height_m": "9"}, "5 x 6 x 9 m.*0.15 to 4 m.*height"),
        ({"file": "../thing_0.glb"}, "lies outside the folder"),
        ({"file": "thing_0.fbx"}, "none of .glb"),
        ({"file": "other.glb"}, "'other.glb' is missing"),
        ({"colour": "red"}, "no column 'colour'.*height_m"),
        ({"label": "desk"}, "a desk goes 'wall_side'"),
        ({"label": "stool", "carries": "maybe"}, "`carries` is 'maybe'"),
        ({"place": "rug"}, "too high for a rug"),
        ({"label": "pebble", "place": "surface", "carries": "yes", "unit": "mm"}, None),
    ],
)
def test_rows_that_cannot_be_name_the_remedy(folder, row, says):
    path = folder(chair(), file="thing_0.glb")
    labels = {"file": "thing_0.glb", "label": "camp chair", "place": "floor"} | row
    (path / "labels.csv").unlink()
    (path / "labels.json").write_text(json.dumps([labels]), encoding="utf-8")
    if says is None:
        says = "must be 0.01 to 1 m|no level top"
    with pytest.raises(SceneError, match=f"(?s)labels.json, row 1: .*({says})"):
        own_catalogue(path)


def test_meshes_that_cannot_be_are_refused(folder, tmp_path):
    path = folder(None, "obj")
    for text, says in (
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no triangles"),
        ("v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "not finite|not readable"),
        ("v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n", "must be 0.15 to 4 m"),
    ):
        (path / "thing_0.obj").write_text(text, encoding="utf-8")
        with pytest.raises(SceneError, match=says):
            own_catalogue(path)
    (path / "thing_0.obj").write_bytes(trimesh.creation.icosphere(6, 0.4).export(file_type="obj").encode())
    with pytest.raises(SceneError, match="81,920 triangles; at most 50,000.*Decimate"):
        own_catalogue(path)
    (path / "thing_0.obj").unlink()
    (path / "thing_0.glb").write_bytes(b"glTF no more")
    (path / "labels.csv").write_text("file,label,place\nthing_0.glb,camp chair,floor\n", encoding="utf-8")
    with pytest.raises(SceneError, match=r"thing_0.glb is not readable as a mesh"):
        own_catalogue(path)


def test_label_files_that_cannot_be_are_refused(folder, tmp_path):
    assert "is missing" in refusal(tmp_path / "nowhere")
    assert "either labels.csv or labels.json" in refusal(tmp_path)
    (tmp_path / "labels.csv").write_text("file,label,place\n", encoding="utf-8")
    assert "names no meshes" in refusal(tmp_path)
    folder(chair())
    path = folder(chair(), place="surface")
    assert "row 2: a camp chair goes 'surface' here, and 'floor'" in refusal(path)
    (path / "labels.json").write_text("[]", encoding="utf-8")
    assert "found 2" in refusal(path)


def test_rows_depend_on_the_content_of_the_folder(folder, tmp_path):
    """A copy elsewhere gives the same; one byte more, another key."""
    path = folder(chair())
    settings = GenerateSettings(assets=path)
    before, key = settings.of_the_rows["assets"], proposals_key(settings, "room_00000")
    copy = tmp_path.with_name(f"{tmp_path.name}_copy")
    copy.mkdir()
    for file in path.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert content_digest(copy) == before
    (path / "notes.txt").write_text("1", encoding="utf-8")
    assert settings.of_the_rows["assets"] != before and proposals_key(settings, "room_00000") != key
    without = dataclasses.replace(settings, assets=None)
    assert "assets" not in without.of_the_rows and proposals_key(without, "room_00000") != key
    with pytest.raises(ValueError, match="source procedural, not 'scannetpp'"):
        GenerateSettings(source="scannetpp", assets=path)


def test_rooms_hold_the_meshes(folder):
    """Added things stand in most rooms; replaced ones are all of the folder."""
    folder(chair())
    folder(trimesh.Scene(trimesh.creation.icosphere(2, 0.06)), label="glass orb", place="surface")
    path = folder(trimesh.Scene(box((0.08, 0.1, 0.11), color=(0, 1, 0))), label="mug", place="surface")
    source = ProceduralSource(5, 4, frames_per_scene=2, assets=path)
    found = Counter()
    for name in source.scene_names():
        scene = check_scene(source.load(name))
        for instance in scene.instances:
            size = scene.boxes[instance.instance_id].size
            found[instance.label] += 1
            if instance.label == "camp chair":
                np.testing.assert_allclose(sorted(size), [0.5, 0.6, 0.9], atol=1e-3)
            if instance.label == "mug":
                np.testing.assert_allclose(sorted(size), [0.08, 0.1, 0.11], atol=1e-3)
    assert found["camp chair"] >= 2 and found["glass orb"] >= 2 and found["mug"] >= 2


def test_audit_takes_only_the_meshes_that_rows_were_made_with(folder, tmp_path):
    path = folder(chair())
    run = {"source": "procedural", "seed": 0, "assets": content_digest(path)}
    assert source_settings(run, AuditSettings(folder=tmp_path, assets=path)).assets == path
    for assets, made_with in (
        (None, run),
        (path, {**run, "assets": "0123"}),
        (path, {"source": "procedural", "seed": 0}),
    ):
        with pytest.raises(DatasetError, match="was made with meshes of the content"):
            source_settings(made_with, AuditSettings(folder=tmp_path, assets=assets))
