"""The ScanNet++ source on a whole scene, on cuts of it that real releases have, and on broken copies of it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from generation.geometry import Camera
from generation.scenes.base import SceneError
from generation.scenes.scannetpp import ScannetppSource


FIXTURE = Path(__file__).resolve().parents[3] / "../shared/fixtures/scannetpp_mini"
pytestmark = pytest.mark.skipif(not FIXTURE.exists(), reason="the fixture ../shared/fixtures/scannetpp_mini is absent")
NAME = "3fa81c07de"
FLIP = np.diag([1.0, -1, -1, 1])


@pytest.fixture
def root(tmp_path):
    """A copy with four of the photos; COLMAP's model lists only these."""
    source, target = FIXTURE / "data" / NAME, tmp_path / "data" / NAME
    shutil.copytree(source / "scans", target / "scans", ignore=shutil.ignore_patterns("*_semantic.ply"))
    (target / "iphone/rgb").mkdir(parents=True)
    shutil.copytree(source / "iphone/colmap", target / "iphone/colmap")
    lines = (target / "iphone/colmap/images.txt").read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith("#")]
    kept = [pair for pair in zip(body[::2], body[1::2], strict=True) if int(pair[0].split()[0]) % 8 == 1]
    (target / "iphone/colmap/images.txt").write_text("".join(f"{a}\n{b}\n" for a, b in kept), encoding="utf-8")
    ids = {a.split()[0] for a, _ in kept}
    points = []
    for line in (target / "iphone/colmap/points3D.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            fields = line.split()
            track = [pair for pair in zip(fields[8::2], fields[9::2], strict=True) if pair[0] in ids]
            points.append(" ".join([*fields[:8], *(number for pair in track for number in pair)]))
    (target / "iphone/colmap/points3D.txt").write_text("\n".join(points) + "\n", encoding="utf-8")
    for photo, _ in kept:
        shutil.copy(source / "iphone/rgb" / photo.split()[9], target / "iphone/rgb")
    return tmp_path


@pytest.fixture
def folder(root):
    return root / "data" / NAME


def load(root: Path, **limits):
    return ScannetppSource(root, **limits).load(NAME)


def edit_json(path: Path, edit) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def edit_poses(folder: Path, edit, only: int | None = None) -> None:
    """Write `edit(cam_from_world)` for every photo of images.txt, or for the one at `only`."""
    from scipy.spatial.transform import Rotation

    path = folder / "iphone/colmap/images.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    for at in range(0, len(lines), 2):
        if only is not None and at != 2 * only:
            continue
        fields = lines[at].split()
        w, x, y, z = map(float, fields[1:5])
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = Rotation.from_quat([x, y, z, w]).as_matrix(), list(map(float, fields[5:8]))
        pose = edit(pose)
        x, y, z, w = Rotation.from_matrix(pose[:3, :3]).as_quat()
        numbers = " ".join(repr(float(value)) for value in (w, x, y, z, *pose[:3, 3]))
        lines[at] = f"{fields[0]} {numbers} {' '.join(fields[8:])}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def set_camera(folder: Path, line: str) -> None:
    (folder / "iphone/colmap/cameras.txt").write_text(line + "\n", encoding="utf-8")


def edit_mesh(folder: Path, edit) -> None:
    path = folder / "scans/mesh_aligned_0.05.ply"
    mesh = trimesh.load(path, process=False)
    vertices, faces = edit(np.array(mesh.vertices), np.array(mesh.faces))
    trimesh.Trimesh(vertices, faces, process=False).export(path)


def fails(root: Path, match: str) -> None:
    with pytest.raises(SceneError, match=f"(?s)^Scene '{NAME}': .*{match}"):
        load(root)


# --- what a good scene gives ---


def test_a_good_scene(root, folder):
    scene = load(root)
    assert (scene.source, scene.domain, scene.scene_name, scene.redistributable) == (
        "scannetpp",
        "indoor",
        NAME,
        False,
    )
    assert len(scene.frames) == 4 and len(scene.instances) == 54 and not scene.left_out and scene.mesh.scanned
    # poses by the file that the phone wrote, which the source does not read
    phone = json.loads((FIXTURE / "data" / NAME / "iphone/pose_intrinsic_imu.json").read_text(encoding="utf-8"))
    for frame in scene.frames:
        np.testing.assert_allclose(frame.camera.world_from_cam, phone[frame.frame_id]["aligned_pose"], atol=1e-6)
        np.testing.assert_allclose(frame.camera.intrinsics, phone[frame.frame_id]["intrinsic"], atol=1e-6)
        assert frame.image_path.is_file() and frame.camera.distortion is None
    # the release's label of each vertex, from a mesh that the source does not read either
    chair = next(i for i in scene.instances if i.label == "office chair")
    groups = json.loads((folder / "scans/segments_anno.json").read_text(encoding="utf-8"))["segGroups"]
    assert scene.points_of(chair.instance_id).shape[0] == len(groups[chair.instance_id - 1]["segments"])


def test_limits(root):
    assert [f.frame_id for f in load(root, frames=2).frames] == [f.frame_id for f in load(root).frames][::2]
    shutil.copytree(root / "data" / NAME / "scans", root / "data" / "another" / "scans")
    assert ScannetppSource(root).scene_names() == [NAME, "another"]
    assert ScannetppSource(root, scenes=1).scene_names() == [NAME]


def test_lists_fix_the_splits(root):
    (root / "splits").mkdir()
    for name, scenes in (
        ("nvs_sem_train", "a b"),
        ("nvs_sem_val", "c"),
        ("sem_test", "d"),
        ("nvs_test", "d"),
        ("x", "a"),
    ):
        (root / f"splits/{name}.txt").write_text("\n".join(scenes.split()) + "\n", encoding="utf-8")
    expected = {"a": "train", "b": "train", "c": "validation", "d": "test"}
    assert ScannetppSource(root).splits() == expected
    (root / "splits/nvs_test.txt").write_text("a\n", encoding="utf-8")
    with pytest.raises(SceneError, match=r"nvs_test.txt puts the scene 'a' into test, but another .* into train"):
        ScannetppSource(root).splits()


def test_photos_of_full_size_scale_the_intrinsics(root, folder):
    for path in (folder / "iphone/rgb").iterdir():
        Image.new("RGB", (1920, 1440)).save(path)
    fails(root, r"has 1920x1440 pixels, but its camera is calibrated for 640x480. Multiply its intrinsics by 3,")
    set_camera(folder, "1 OPENCV 1920 1440 1506.898193 1506.898193 960 720 0 0 0 0")
    # the observations are still of 640 x 480
    fails(root, r"They would fit if the intrinsics \(focal lengths and centre\) were multiplied by 0.333")
    scale_observations(folder, lambda pixels: 3 * pixels)
    camera = load(root).frames[0].camera
    assert (camera.width, camera.height, round(camera.intrinsics[0, 0])) == (1920, 1440, 1507)


def scale_observations(folder: Path, edit) -> None:
    path = folder / "iphone/colmap/images.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    for at in range(1, len(lines), 2):
        numbers = np.array(lines[at].split(), dtype=float).reshape(-1, 3)
        moved = edit(numbers[:, :2])
        lines[at] = " ".join(f"{x:.6f} {y:.6f} {int(k)}" for (x, y), k in zip(moved, numbers[:, 2], strict=True))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_lens_with_distortion_is_followed(root, folder):
    lens = np.array([0.08, -0.05, 0.001, -0.002])
    set_camera(folder, "1 OPENCV 640 480 502.2993977864583 502.2993977864583 320 240 " + " ".join(map(str, lens)))

    def bend(pixels):  # OpenCV's formula, written out again
        x, y = ((pixels - [320, 240]) / 502.2993977864583).T
        r2 = x * x + y * y
        radial = 1 + lens[0] * r2 + lens[1] * r2 * r2
        u = x * radial + 2 * lens[2] * x * y + lens[3] * (r2 + 2 * x * x)
        v = y * radial + lens[2] * (r2 + 2 * y * y) + 2 * lens[3] * x * y
        return np.stack([u, v], axis=1) * 502.2993977864583 + [320, 240]

    scale_observations(folder, bend)
    np.testing.assert_array_equal(load(root).frames[0].camera.distortion, lens)
    set_camera(folder, "1 OPENCV_FISHEYE 640 480 502.3 502.3 320 240 0 0 0 0")
    fails(root, "a camera of the model OPENCV_FISHEYE. Use one of .*, or undistort the photos")


def test_vertices_without_a_label_and_with_several(root, folder):
    def edit(content):
        groups = content["segGroups"]
        desk = next(group for group in groups if group["label"] == "desk")
        book = next(group for group in groups if group["label"] == "book")
        desk["segments"] += book["segments"]  # the larger claims the smaller's vertices: it does not get them
        del groups[[group["label"] for group in groups].index("printer")]

    whole = load(root)
    edit_json(folder / "scans/segments_anno.json", edit)
    scene = load(root)
    book, desk = (next(i.instance_id for i in scene.instances if i.label == label) for label in ("book", "desk"))
    for instance_id in (book, desk):
        np.testing.assert_array_equal(scene.faces_of(instance_id), whole.faces_of(instance_id))
    printer = next(i.instance_id for i in whole.instances if i.label == "printer")
    assert (scene.mesh.face_instance[whole.mesh.face_instance == printer] == 0).all()
    assert "printer" not in {i.label for i in scene.instances}


def test_labels_are_cleaned_and_what_is_left_out_is_counted(root, folder):
    names = {"printer": "REMOVE", "backpack": "Ruck_Sacks", "monitor": "Computer Monitor", "plant": "potted plants"}

    def edit(content):
        for group in content["segGroups"]:
            group["label"] = names.get(group["label"], group["label"])
        # an object whose every vertex belongs to a smaller one, too
        cup = next(group for group in content["segGroups"] if group["label"] == "cup")
        other = next(group for group in content["segGroups"] if group["label"] == "clock")
        other["segments"] = [cup["segments"][0]]

    edit_json(folder / "scans/segments_anno.json", edit)
    scene = load(root)
    askable = {i.label for i in scene.instances if not i.is_structure}
    assert "monitor" in askable and not askable & {"remove", "wall", "backpack", "plant"}
    assert {"backpack", "plant"} < {i.label for i in scene.instances}  # several in one instance: never asked about
    assert scene.left_out == {
        "label says nothing": 1,
        "no triangle of its own": 1,
        "category with an instance of several things": 4,
    }


def add_dslr(folder: Path, edit=lambda pose: pose) -> None:
    """The same photos as undistorted DSLR photos, in nerfstudio's form as the fixture has it for the phone."""
    dslr = folder / "dslr"
    shutil.copytree(folder / "iphone/colmap", dslr / "colmap")
    path = dslr / "colmap/images.txt"
    path.write_text(
        path.read_text(encoding="utf-8").replace("frame_", "DSC").replace(".jpg", ".JPG"), encoding="utf-8"
    )
    transforms = json.loads(
        (FIXTURE / "data" / NAME / "iphone/nerfstudio/transforms.json").read_text(encoding="utf-8")
    )
    (dslr / "resized_undistorted_images").mkdir()
    kept = []
    for entry in transforms["frames"]:
        photo = folder / "iphone/rgb" / entry["file_path"]
        if photo.exists():
            entry["file_path"] = entry["file_path"].replace("frame_", "DSC").replace(".jpg", ".JPG")
            entry["transform_matrix"] = edit(np.array(entry["transform_matrix"])).tolist()
            shutil.copy(photo, dslr / "resized_undistorted_images" / entry["file_path"])
            kept.append(entry | {"is_bad": len(kept) == 3})
    (dslr / "nerfstudio").mkdir()
    (dslr / "nerfstudio/transforms_undistorted.json").write_text(
        json.dumps(transforms | {"frames": kept}), encoding="utf-8"
    )


def test_dslr_frames_join_the_phones(root, folder):
    add_dslr(folder)
    scene = load(root)
    cameras = {frame.frame_id: frame.camera for frame in scene.frames}
    assert len(cameras) == 7 and scene.left_out == {"DSLR photo marked as bad": 1}
    for name in [name for name in cameras if name.startswith("DSC")]:
        same = cameras[name.replace("DSC", "frame_")]
        np.testing.assert_allclose(cameras[name].world_from_cam, same.world_from_cam, atol=1e-6)


def test_only_a_surface_of_two_corners_counts():
    from generation.scenes.files import label_faces

    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 3, 4], [3, 4, 5], [0, 2, 5]])
    instance = np.array([1, 1, 1, 2, 2, 0])
    np.testing.assert_array_equal(label_faces(np.zeros((6, 3)), faces, instance).face_instance, [1, 1, 2, 2, 1])
    np.testing.assert_array_equal(label_faces(np.zeros((3, 3)), faces[:1], np.array([0, 5, 7])).face_instance, [0])


# --- broken copies ---


def test_opengl_poses_given_as_opencv(root, folder):
    edit_poses(folder, lambda cam_from_world: FLIP @ cam_from_world)
    fails(
        root, r"only 0% of \d+ points .* would fit if the poses had OpenGL camera axes \(x right, y up, z backward\)"
    )


def test_camera_to_world_given_as_world_to_camera(root, folder):
    edit_poses(folder, np.linalg.inv)
    fails(root, r"would fit if the poses had the inverse transform \(camera-to-world taken for world-to-camera")


def test_opengl_camera_to_world_given_as_world_to_camera(root, folder):
    edit_poses(folder, lambda cam_from_world: np.linalg.inv(cam_from_world) @ FLIP)
    fails(root, "would fit if the poses had the inverse transform with OpenGL camera axes")


def test_one_pose_of_another_photo(root, folder):
    turn = np.array([[0.0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
    edit_poses(folder, lambda pose: turn @ pose, only=0)
    fails(root, r"(Frame 'frame_000000'|Poses and intrinsics) .*do not? ?fit.*do the poses belong to these photos\?")


def test_focal_length_of_another_size(root, folder):
    set_camera(folder, "1 OPENCV 640 480 1004.6 1004.6 320 240 0 0 0 0")
    fails(root, "would fit if the focal lengths were multiplied by 0.5")


def test_intrinsics_of_a_larger_photo(root, folder):
    set_camera(folder, "1 OPENCV 640 480 1506.9 1506.9 960 720 0 0 0 0")
    fails(root, r"principal point is \(960.0, 720.0\).*must be in pixels of the stored image")


def test_photo_of_another_shape(root, folder):
    path = next((folder / "iphone/rgb").iterdir())
    Image.new("RGB", (480, 640)).save(path)
    fails(root, f"{path.name} has 480x640 pixels.*not even have one shape")


@pytest.mark.parametrize("fields", [slice(1, 2), slice(5, 6)], ids=["rotation", "translation"])
def test_poses_that_are_not_numbers(root, folder, fields):
    path = folder / "iphone/colmap/images.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    words = lines[0].split()
    words[fields] = ["nan"]
    path.write_text("\n".join([" ".join(words), *lines[1:]]) + "\n", encoding="utf-8")
    fails(root, "not readable as a COLMAP model")


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda pose: pose * [[2], [2], [2], [1]], "a pose that is not rigid .*determinant 8"),
        (lambda pose: np.diag([-1.0, 1, 1, 1]) @ pose, "a pose that is not rigid .*determinant -1"),
        (lambda pose: pose * np.nan, "a pose or intrinsics that are not finite"),
        (lambda pose: pose[:3], r"has a pose of shape \(3, 4\)"),
        (lambda pose: pose @ FLIP, "the poses had OpenGL camera axes"),
    ],
    ids=["scaled", "mirrored", "nan", "cut", "OpenCV given as OpenGL"],
)
def test_dslr_poses(root, folder, edit, match):
    add_dslr(folder, edit)
    fails(root, match)


def test_mesh_in_millimetres(root, folder):
    edit_mesh(folder, lambda vertices, faces: (1000 * vertices, faces))
    fails(root, "only .*% of the points lie on it. It would fit if the mesh had coordinates in millimetres")


def test_mesh_with_y_up(root, folder):
    edit_mesh(folder, lambda vertices, faces: (vertices[:, [0, 2, 1]] * [1, 1, -1], faces))
    fails(root, r"only .*% of the points lie on it. It would fit if the mesh had \+Y up")


def test_mesh_of_another_scene(root, folder):
    edit_mesh(folder, lambda vertices, faces: (vertices + [9, 0, 0], faces))
    fails(root, "is it the mesh of this scene")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_mesh_with_a_vertex_that_is_no_number(root, folder, value):
    edit_mesh(
        folder, lambda vertices, faces: (np.where(np.arange(len(vertices))[:, None] == 7, value, vertices), faces)
    )
    fails(root, "vertices that are not finite numbers")


def add_depth(folder: Path, factor: float) -> None:
    """The oracle's depth of the first frame, at the resolution of the phone's sensor."""
    (folder / "iphone/depth").mkdir()
    with Image.open(FIXTURE / "oracle/depth/frame_000000.png") as full:
        depth_mm = np.array(full)[[[y * 480 // 192] for y in range(192)], [x * 640 // 256 for x in range(256)]]
    Image.fromarray((depth_mm * factor).astype(np.uint16)).save(folder / "iphone/depth/frame_000000.png")


def test_depth_is_found_and_its_unit_checked(root, folder):
    add_depth(folder, 1)
    scene = load(root)
    assert [frame.frame_id for frame in scene.frames if frame.depth_path is not None] == ["frame_000000"]
    shutil.rmtree(folder / "iphone/depth")
    add_depth(folder, 0.1)  # in centimetres
    fails(root, r"The depth images do not fit .* multiplied by (9|10)(.\d+)?; 16-bit PNGs must be in millimetres")
    path = folder / "iphone/depth/frame_000000.png"
    path.write_bytes(path.read_bytes()[:2000])
    fails(root, "frame_000000.png is not readable as a PNG")


FILES = (
    "scans/mesh_aligned_0.05.ply",
    "scans/segments.json",
    "scans/segments_anno.json",
    "iphone/colmap/cameras.txt",
    "iphone/colmap/images.txt",
    "iphone/colmap/points3D.txt",
    "iphone/rgb/frame_000000.jpg",
)


@pytest.mark.parametrize("name", FILES)
def test_missing_file(root, folder, name):
    (folder / name).unlink()
    fails(root, f"{Path(name).name} is missing")


@pytest.mark.parametrize("share", [0.0, 0.4, 0.98])
@pytest.mark.parametrize("name", FILES)
def test_truncated_file(root, folder, name, share):
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    fails(root, f"({Path(name).name}|iphone/colmap).*again")


def test_photos_not_extracted(root, folder):
    shutil.rmtree(folder / "iphone/rgb")
    fails(root, r"Extract the photos from rgb.mkv")


def test_nothing_to_judge_poses_by(root, folder):
    (folder / "iphone/colmap/points3D.txt").write_text("", encoding="utf-8")
    path = folder / "iphone/colmap/images.txt"
    path.write_text("".join(line + "\n\n" for line in path.read_text("utf-8").splitlines()[::2]), encoding="utf-8")
    fails(root, "Nothing shows whether its poses are right")


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda groups: groups[1].update(objectId=groups[0]["objectId"]), "two objects with the id 1"),
        (lambda groups: groups[1].update(label="  "), "the object 2 has no label"),
        (lambda groups: groups[1].pop("label"), "the object 2 has no label"),
        (lambda groups: groups[1].update(objectId=0), "an object with the id 0"),
        (lambda groups: groups[1].pop("objectId"), "a group without `objectId`"),
        (lambda groups: groups[1].pop("segments"), "The object 2 has no list `segments`"),
    ],
)
def test_broken_annotations(root, folder, edit, match):
    edit_json(folder / "scans/segments_anno.json", lambda content: edit(content["segGroups"]))
    fails(root, match)


def test_segments_of_another_version_of_the_mesh(root, folder):
    edit_json(folder / "scans/segments.json", lambda content: content["segIndices"].pop())
    fails(root, "segments.json has 27515 vertices, but mesh_aligned_0.05.ply has 27516")
    (folder / "scans/segments.json").write_text("[]", encoding="utf-8")
    fails(root, "has no list 'segIndices'")


@pytest.mark.parametrize("photo", ["../frame_000000.jpg", "/frame_000000.jpg", "a/frame_000000.jpg", ".hidden.jpg"])
def test_photos_outside_the_folder(root, folder, photo):
    path = folder / "iphone/colmap/images.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("frame_000000.jpg", photo), encoding="utf-8")
    fails(root, "which is not a plain file name")


@pytest.mark.parametrize("name", ["../other", "nothing", "", "."])
def test_scenes_outside_the_folder(root, name):
    with pytest.raises(SceneError, match=f"Scene '{name}': there is no such folder"):
        ScannetppSource(root).load(name)


@pytest.mark.parametrize("make", [lambda root: None, lambda root: root / "nothing", lambda root: root / "data"])
def test_folder_that_is_no_release(root, make):
    with pytest.raises(SceneError, match="has no folder `data`. Give the folder of the ScanNet"):
        ScannetppSource(make(root))


def test_release_without_scenes(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(SceneError, match="holds no scene"):
        ScannetppSource(tmp_path).scene_names()


def test_without_pycolmap(root, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pycolmap", None)
    fails(root, r"Scans need pycolmap. Install it: pip install 'spatialmosaic\[scans\]'")


def test_poses_are_compared_in_the_right_pixels():
    # the sizes of the tolerance on paper: half a percent of a diagonal of 800
    from generation.scenes.reprojection import Sightings, _share_that_fits

    camera = Camera(640, 480, np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]]), np.eye(4))
    points = np.array([[0.0, 0, 2], [0, 0, 2], [0, 0, -2]])
    seen = Sightings(np.array([[323.9, 240], [324.1, 240], [320, 240]]), points)
    assert _share_that_fits(camera, seen) == pytest.approx(1 / 3)
