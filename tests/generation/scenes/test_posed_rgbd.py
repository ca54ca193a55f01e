"""The source of own captures on a whole scene and on broken copies of it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.scenes.base import SceneError
from generation.scenes.posed_rgbd import PosedRgbdSource


FIXTURE = Path(__file__).resolve().parents[3] / "../shared/fixtures/posed_rgbd_mini"
pytestmark = pytest.mark.skipif(
    not FIXTURE.exists(), reason="the fixture ../shared/fixtures/posed_rgbd_mini is absent"
)
FLIP = np.diag([1.0, -1, -1, 1])


@pytest.fixture
def root(tmp_path):
    """A copy that may be written to."""
    for path in FIXTURE.rglob("*"):
        if path.is_file():
            target = tmp_path / "office" / path.relative_to(FIXTURE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return tmp_path / "office"


def edit_json(path: Path, edit) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def edit_poses(root: Path, edit, frames=slice(None)) -> None:
    def change(content):
        for entry in content["frames"][frames]:
            entry["transform_matrix"] = edit(np.array(entry["transform_matrix"])).tolist()

    edit_json(root / "transforms.json", change)


def edit_images(folder: Path, edit) -> None:
    for path in folder.iterdir():
        Image.fromarray(edit(np.array(Image.open(path)))).save(path)


def fails(root: Path, match: str) -> None:
    with pytest.raises(SceneError, match=f"(?s)^Scene 'office': .*{match}"):
        PosedRgbdSource(root).load("office")


# --- what a good scene gives ---


@pytest.fixture(scope="module")
def office():
    source = PosedRgbdSource(FIXTURE)
    assert source.scene_names() == ["posed_rgbd_mini"]
    return source.load("posed_rgbd_mini")


def test_a_good_scene(office):
    assert (office.source, office.mesh, office.redistributable, len(office.frames)) == ("posed_rgbd", None, True, 12)
    # the one instance that no frame shows, by the masks themselves
    shown = set()
    for path in (FIXTURE / "instance").iterdir():
        shown |= set(np.unique(np.array(Image.open(path))).tolist())
    assert shown == {one.instance_id for one in office.instances}
    assert office.left_out == {"in no frame": 1}
    structure = {one.label for one in office.instances if one.is_structure}
    assert structure == {"wall", "floor", "ceiling", "window", "door", "heater", "ceiling lamp"}


def test_poses_are_those_of_the_same_frames_in_opencv_axes(office):
    other = FIXTURE.parent / "scannetpp_mini/data/3fa81c07de/iphone/pose_intrinsic_imu.json"
    phone = json.loads(other.read_text(encoding="utf-8"))
    for frame in office.frames:
        np.testing.assert_allclose(frame.camera.world_from_cam, phone[frame.frame_id]["aligned_pose"], atol=1e-6)
        np.testing.assert_allclose(frame.camera.intrinsics, phone[frame.frame_id]["intrinsic"], atol=1e-6)


def test_a_folder_of_scenes_and_limits(root, tmp_path):
    (tmp_path / "empty").mkdir()
    shutil.copytree(root, tmp_path / "another")
    source = PosedRgbdSource(tmp_path, frames=6)
    assert source.scene_names() == ["another", "office"]
    assert PosedRgbdSource(tmp_path, scenes=1).scene_names() == ["another"]
    names = [entry["file_path"] for entry in json.loads((root / "transforms.json").read_text())["frames"]]
    assert [f.frame_id for f in source.load("office").frames] == [Path(name).stem for name in names[::2]]


def test_a_frame_may_have_its_own_intrinsics(root):
    def change(content):
        content["frames"][3] |= {"fl_x": 502.0, "cx": 320.5}

    edit_json(root / "transforms.json", change)
    cameras = [frame.camera for frame in PosedRgbdSource(root).load("office").frames]
    assert (cameras[3].intrinsics[0] == [502, 0, 320.5]).all() and cameras[2].intrinsics[0, 2] == 320


def test_labels_are_cleaned_and_what_cannot_be_asked_is_counted(root):
    def change(labels):
        labels |= {"33": "REMOVE", "26": "Ruck_Sacks", "29": "Wall Clock"}

    edit_json(root / "instances.json", change)

    def without_depth(at: Path) -> None:  # the sensor sees nothing of one of the three cups
        depth, ids = (np.array(Image.open(root / kind / at.name)) for kind in ("depth", "instance"))
        Image.fromarray(np.where(ids == 48, 0, depth).astype(np.uint16)).save(at)

    for path in (root / "depth").iterdir():
        without_depth(path)
    scene = PosedRgbdSource(root).load("office")
    askable = {one.label for one in scene.instances if not one.is_structure}
    assert "wall clock" in askable and not askable & {"remove", "printer", "backpack", "cup"}
    assert not {33, 48} & {one.instance_id for one in scene.instances}
    assert scene.left_out == {
        "in no frame": 1,
        "label says nothing": 1,
        "category with an instance of several things": 1,
        "category with an instance without depth": 3,
    }


# --- broken copies ---


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda pose: pose @ FLIP, r"if the poses had OpenCV camera axes \(x right, y down, z forward\)"),
        (np.linalg.inv, r"if the poses had the inverse transform \(world-to-camera\)"),
        (lambda pose: np.linalg.inv(pose @ FLIP), "if the poses had the inverse transform with OpenCV camera axes"),
    ],
    ids=["OpenCV axes", "world-to-camera", "COLMAP"],
)
def test_poses_of_another_convention(root, edit, message):
    edit_poses(root, edit)
    fails(root, f"Poses, intrinsics and depth do not fit together: .* They would fit {message}")


def test_one_pose_of_another_frame(root):
    turn = np.array([[0.0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])  # by 90 degrees to the side
    edit_poses(root, lambda pose: pose @ turn, slice(3, 4))
    fails(root, "Frame 'frame_000230' has a pose, intrinsics or depth that do not fit the other frames: only [0-9]%")


def test_a_frame_that_nothing_proves_is_left_out(root):
    away = np.array([[1.0, 0, 0, 100], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])  # to another building
    edit_poses(root, lambda pose: away @ pose, slice(3, 4))
    scene = PosedRgbdSource(root).load("office")
    assert "frame_000230" not in {frame.frame_id for frame in scene.frames} and len(scene.frames) == 11
    assert scene.left_out["frame that shares no surface with another"] == 1


@pytest.mark.parametrize("scale", [0.5, 2, 3])
def test_focal_lengths_of_another_size(root, scale):
    edit_json(root / "transforms.json", lambda content: content.update(fl_x=502.3 * scale, fl_y=502.3 * scale))
    fails(root, f"would fit if the focal lengths were multiplied by {1 / scale:.3g}")


def test_intrinsics_of_a_smaller_photo(root):
    half = {"fl_x": 251.15, "fl_y": 251.15, "cx": 160, "cy": 120}
    edit_json(root / "transforms.json", lambda content: content.update(half))
    fails(root, r"would fit if the intrinsics \(focal lengths and centre\) were multiplied by 2")


def test_intrinsics_of_a_larger_photo(root):
    double = {"fl_x": 1004.6, "fl_y": 1004.6, "cx": 640, "cy": 480}
    edit_json(root / "transforms.json", lambda content: content.update(double))
    fails(root, "principal point is .* Intrinsics must be in pixels of the stored image")


@pytest.mark.parametrize(("per_mm", "unit"), [(0.001, "metres"), (0.1, "centimetres"), (10, "tenths of a millimetre")])
def test_depth_in_another_unit(root, per_mm, unit):
    edit_images(root / "depth", lambda depth: np.minimum(np.round(depth * per_mm), 65535).astype(np.uint16))
    fails(root, f"would fit if the depth was in {unit}; write millimetres")


def test_depth_of_another_size(root):
    edit_images(root / "depth", lambda depth: depth[::2, ::2].copy())
    fails(root, r"frame_\d+.png has 320x240 pixels, but its photo has 640x480. Write the depth in millimetres at the")


def test_instance_ids_of_another_size(root):
    edit_images(root / "instance", lambda ids: ids[:, :600].copy())
    fails(root, r"has 600x480 pixels, but its photo has 640x480. Write the instance ids at the size of the photo")


def test_photo_of_another_size(root):
    edit_images(root / "images", lambda photo: photo[::2, ::2].copy())
    fails(root, "has 320x240 pixels, but its camera is calibrated for 640x480. Multiply its intrinsics by 0.5,")


def test_depth_of_three_channels(root):
    edit_images(root / "depth", lambda depth: np.repeat((depth // 256).astype(np.uint8)[..., None], 3, axis=2))
    fails(root, "is a PNG of mode RGB. Write the depth in millimetres as one channel")


def test_pose_with_nan(root):
    edit_poses(root, lambda pose: pose * np.nan, slice(3, 4))
    fails(root, "'frame_000230' has a pose or intrinsics that are not finite")


@pytest.mark.parametrize("matrix", [np.diag([2.0, 2, 2, 1]), np.diag([-1.0, 1, 1, 1])], ids=["scale", "mirror"])
def test_pose_that_is_not_rigid(root, matrix):
    edit_poses(root, lambda pose: pose @ matrix, slice(3, 4))
    fails(root, "'frame_000230' has a pose that is not rigid")


@pytest.mark.parametrize("name", ["images/frame_000120.jpg", "depth/frame_000120.png", "instance/frame_000120.png"])
def test_missing_and_truncated_images(root, name):
    content = (root / name).read_bytes()
    (root / name).unlink()
    fails(root, f"{Path(name).name} is missing")
    (root / name).write_bytes(content[: len(content) // 2])
    fails(root, f"{Path(name).name} is not readable as a ")


def test_missing_and_truncated_json(root):
    content = (root / "instances.json").read_text(encoding="utf-8")
    (root / "instances.json").unlink()
    fails(root, "instances.json is missing")
    (root / "instances.json").write_text(content[:200], encoding="utf-8")
    fails(root, "instances.json is not readable as JSON")
    (root / "instances.json").write_text(content, encoding="utf-8")
    transforms = (root / "transforms.json").read_text(encoding="utf-8")
    (root / "transforms.json").write_text(transforms[:2000], encoding="utf-8")
    fails(root, "transforms.json is not readable as JSON")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"1": "chair", "2": "table", "1": "desk"}', "has '1' twice, of which only one can count"),
        ('{"1": "chair", "01": "table"}', "has the id 1 twice"),
        ('{"1": "chair", "2": ""}', "the instance 2 has no label"),
        ('{"1": "chair", "2": null}', "the instance 2 has no label"),
        ('{"0": "chair"}', "has the id '0'. Ids are whole numbers from 1"),
        ('{"chair": 1}', "has the id 'chair'"),
        ('["chair"]', "is not an object of ids and labels"),
        ('{"1": "chair"}', r"frame_000000.png shows the instance \d+, which instances.json lacks"),
    ],
)
def test_instances_that_are_not_labelled_one_by_one(root, text, message):
    (root / "instances.json").write_text(text, encoding="utf-8")
    fails(root, message)


@pytest.mark.parametrize("key", ["file_path", "depth_file_path", "instance_file_path"])
@pytest.mark.parametrize("name", ["../other/frame_000000.png", "/etc/passwd", "images/../../x.png"])
def test_paths_that_leave_the_folder(root, key, name):
    edit_json(root / "transforms.json", lambda content: content["frames"][0].update({key: name}))
    fails(root, f"has the path '{name}', which leaves the folder")


def test_links_that_leave_the_folder(root, tmp_path):
    (root / "link").symlink_to(tmp_path)
    edit_json(root / "transforms.json", lambda content: content["frames"][0].update(file_path="link/x.jpg"))
    fails(root, "has the path 'link/x.jpg', which leaves the folder")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda content: content.update(frames=[]), "has no frames. List at least two"),
        (lambda content: content.pop("frames"), "has no frames"),
        (lambda content: content.pop("fl_x"), "'images/frame_000000.jpg' has the fl_x None. Give a number"),
        (lambda content: content.update(w="wide"), "has the w 'wide'"),
        (lambda content: content.update(cx=float("nan")), "has the cx nan"),
        (lambda content: content.update(camera_model="OPENCV_FISHEYE"), "a lens other than OPENCV or PINHOLE"),
        (lambda content: content.update(k3=0.1), "distortion beyond k1, k2, p1, p2"),
        (lambda content: content.update(depth_unit_scale_factor=1.0), "Write depth in millimetres"),
        (lambda content: content["frames"].append(7), "has the frame 7, which is not an object"),
        (lambda content: content["frames"][1].pop("depth_file_path"), "has no `depth_file_path`"),
        (lambda content: content["frames"][1].pop("transform_matrix"), "has no `transform_matrix`"),
        (lambda content: content["frames"][1].update(transform_matrix=[[1, 2], [3]]), "has no `transform_matrix`"),
        (lambda content: content["frames"][1].update(transform_matrix=[[1, 2], [3, 4]]), r"It must be \(4, 4\)"),
        (lambda content: content["frames"].append(content["frames"][0]), "'frame_000000' occurs more than once"),
    ],
)
def test_transforms_that_lack_something(root, edit, message):
    edit_json(root / "transforms.json", edit)
    fails(root, message)


def test_frames_that_share_nothing(root):
    edit_json(root / "transforms.json", lambda content: content.update(frames=content["frames"][:1]))
    fails(root, "no two frames see one surface. Nothing shows whether the poses are right; add frames that share")


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path / "nothing"])
def test_no_folder(tmp_path, make):
    with pytest.raises(SceneError, match="There is no folder .* Give the folder of the capture as root"):
        PosedRgbdSource(make(tmp_path))


def test_folder_without_scenes(tmp_path):
    with pytest.raises(SceneError, match="nor a folder in it holds transforms.json"):
        PosedRgbdSource(tmp_path).scene_names()


@pytest.mark.parametrize("name", ["../office", "nothing", ""])
def test_scenes_that_are_not_there(root, name):
    with pytest.raises(SceneError, match=f"Scene '{name}': .* holds no scene of that name"):
        PosedRgbdSource(root).load(name)
