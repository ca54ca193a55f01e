"""Rows without pixels, filled from a user's own copy in every layout that is known."""

import io
from pathlib import Path

import pytest
from datasets import Image as DatasetImage
from PIL import Image

from dataset_builder.builder import load
from dataset_builder.contact_sheet import contact_sheet
from dataset_builder.errors import DatasetError
from dataset_builder.reader import load_rows
from dataset_builder.scene_rows import SceneRows
from dataset_builder.viewer import write_page
from dataset_builder.writer import write_dataset


SCENE, FRAMES = "5f99900f09", ["frame_000010", "frame_000000", "frame_000020"]
LAYOUTS = {
    "release": "data/{scene}/iphone/rgb/{frame}.jpg",
    "scenes at the top": "{scene}/iphone/rgb/{frame}.jpg",
    "published": "{scene}/images/{frame}.jpg",
    "published, by source": "scannetpp/{scene}/images/{frame}.jpg",
    "dslr": "{scene}/dslr/resized_undistorted_images/{frame}.JPG",
}


@pytest.fixture
def gated(make_row) -> SceneRows:
    kinds = ("obj_count_occ", "obj_existence_occ_lr")
    return SceneRows(SCENE, "test", [make_row(SCENE, kind, FRAMES, f"{kind}?", "scannetpp") for kind in kinds], {})


@pytest.fixture
def folder(tmp_path, gated, make_scene, rng):
    """One gated scene and one with pixels, in one split."""
    write_dataset(tmp_path / "d", [gated, make_scene("room_0", "test", rng, num_frames=5, rows_per_type=1)])
    return tmp_path / "d"


def copy_of_the_source(root: Path, layout: str, jpeg, rng, frames=FRAMES) -> dict[str, bytes]:
    photos = {frame: jpeg(rng) for frame in frames}
    for frame, photo in photos.items():
        path = root / layout.format(scene=SCENE, frame=frame)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo)
    return photos


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_reader_fills_the_images(folder, tmp_path, layout, jpeg, rng):
    photos = copy_of_the_source(tmp_path / "copy", layout, jpeg, rng)
    plain = {row["id"]: row for row in load_rows(folder)}
    filled = {row["id"]: row for row in load_rows(folder, images_root=tmp_path / "copy")}
    assert filled.keys() == plain.keys()
    for row_id, row in filled.items():
        bare = plain[row_id]["images"] is None
        assert bare == (row["scene_name"] == SCENE)
        assert row == plain[row_id] | ({"images": [photos[frame] for frame in FRAMES]} if bare else {})
    (narrow, _) = load_rows(folder, "object_count", columns=["images", "id"], images_root=tmp_path / "copy")
    assert list(narrow) == ["images", "id"]


def test_datasets_reads_the_images_lazily(folder, tmp_path, jpeg, rng):
    photos = copy_of_the_source(tmp_path / "copy", LAYOUTS["release"], jpeg, rng)
    dataset = load(folder, "object_count", "test", images_root=tmp_path / "copy", cache_dir=tmp_path / "cache")
    assert len(dataset) == 2 and dataset.features["images"].feature == DatasetImage()
    stored = {row["id"]: row for row in load_rows(folder, "object_count")}
    for row in dataset:
        assert [type(image) for image in row["images"]] == [type(row["images"][0])] * len(row["frames"])
        given = stored[row["id"]]["images"] or [photos[frame] for frame in FRAMES]
        for image, data in zip(row["images"], given, strict=True):
            assert image.tobytes() == Image.open(io.BytesIO(data)).tobytes()
    # a photo that goes away later is missed only when its row is read
    (tmp_path / "copy" / LAYOUTS["release"].format(scene=SCENE, frame=FRAMES[0])).unlink()
    kept = dataset.filter(lambda scene: scene == "room_0", input_columns=["scene_name"])
    assert len(kept) == 1 and kept[0]["images"]
    with pytest.raises(FileNotFoundError):
        _ = dataset.filter(lambda scene: scene == SCENE, input_columns=["scene_name"])[0]


@pytest.mark.parametrize("use", ["reader", "datasets"])
def test_every_missing_frame_is_named(folder, tmp_path, use, jpeg, rng):
    copy_of_the_source(tmp_path / "copy", LAYOUTS["release"], jpeg, rng, frames=FRAMES[:1])
    with pytest.raises(DatasetError, match=r"lacks 2 of 3 frames.*") as error:
        if use == "reader":
            next(load_rows(folder, images_root=tmp_path / "copy"))
        else:
            load(folder, split="test", images_root=tmp_path / "copy", cache_dir=tmp_path / "cache")
    assert f"Missing: {SCENE}/frame_000000, {SCENE}/frame_000020." in str(error.value)
    # where pixels are not asked for, none are missed
    assert len(list(load_rows(folder, columns=["id"], images_root=tmp_path / "copy"))) == 14


def test_page_and_contact_sheet_show_them(tmp_path, gated, jpeg, rng):
    write_dataset(tmp_path / "d", [gated])
    copy_of_the_source(tmp_path / "copy", LAYOUTS["published"], jpeg, rng)
    with pytest.raises(DatasetError, match="no row with pixels"):
        contact_sheet(tmp_path / "d", tmp_path / "sheet.png")
    contact_sheet(tmp_path / "d", tmp_path / "sheet.png", images_root=tmp_path / "copy")
    assert Image.open(tmp_path / "sheet.png").width == 1600
    write_page(tmp_path / "d", tmp_path / "page.html", images_root=tmp_path / "copy")
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("data:image/jpeg;base64,") == 3
