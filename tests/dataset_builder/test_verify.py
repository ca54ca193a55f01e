"""A user's copy against what the questions were made from."""

import hashlib
import io

import pytest
from PIL import Image

from dataset_builder.errors import DatasetError
from dataset_builder.images_root import find_images
from dataset_builder.photos import Photo, check_copy, read_photos
from dataset_builder.raw import read_raw_scene, write_raw_scene
from dataset_builder.scene_rows import SceneRows
from dataset_builder.verify import VerifySettings, run_verify
from dataset_builder.writer import write_dataset


SCENE, FRAMES = "5f99900f09", ["frame_0", "frame_1", "frame_2", "frame_3"]


@pytest.fixture
def photos(jpeg, rng):
    return {frame: jpeg(rng) for frame in FRAMES}


@pytest.fixture
def folder(tmp_path, photos, make_row, make_scene, rng):
    """A scene without pixels, and one that has them and needs no copy."""
    facts = {frame: Photo.of(photo) for frame, photo in photos.items()}
    gated = SceneRows(SCENE, "train", [make_row(SCENE, "obj_count_occ", FRAMES, "How many?", "scannetpp")], {}, facts)
    write_dataset(tmp_path / "d", [gated, make_scene("room_0", "train", rng)])
    return tmp_path / "d"


@pytest.fixture
def copy(tmp_path, photos):
    root = tmp_path / "copy"
    (root / SCENE / "images").mkdir(parents=True)
    for frame, photo in photos.items():
        (root / SCENE / "images" / f"{frame}.jpg").write_bytes(photo)
    return root


def test_what_is_noted_of_a_photo(photos, folder):
    noted = read_photos(folder)
    assert set(noted) == {("scannetpp", SCENE, frame) for frame in FRAMES}
    for (_, _, frame), photo in noted.items():
        assert (photo.width, photo.height) == (64, 48)
        assert photo.sha256 == hashlib.sha256(photos[frame]).hexdigest()


def test_a_faithful_copy(folder, copy, capsys):
    run_verify(VerifySettings(folder=folder, images_root=copy))
    assert "4 photos: 4 as they were, 0 with other bytes, 0 missing or unfit." in capsys.readouterr().out


def test_every_missing_or_altered_photo_is_named(folder, copy, photos, capsys):
    place = copy / SCENE / "images"
    (place / "frame_0.jpg").unlink()
    (place / "frame_1.jpg").write_bytes(photos["frame_1"][:200])
    with Image.open(io.BytesIO(photos["frame_2"])) as image:
        image.resize((32, 24)).save(place / "frame_2.jpg")
        image.save(place / "frame_3.jpg", quality=50)  # another photo, of the fourth one's size
    found = {finding.key[2]: (finding.fits, finding.text) for finding in check_copy(copy, read_photos(folder))}
    assert found["frame_0"] == (False, "is missing")
    assert found["frame_2"] == (False, "has 32x24 pixels, not 64x48: boxes and points do not fit")
    assert found["frame_3"] == (True, "has the same size and other bytes")
    assert not found["frame_1"][0] and set(found) == set(FRAMES)
    with pytest.raises(DatasetError, match="lacks 3 of 4 photos"):
        run_verify(VerifySettings(folder=folder, images_root=copy))
    printed = capsys.readouterr().out
    assert all(f"scannetpp/{SCENE}/{frame} " in printed for frame in FRAMES)


def test_other_bytes_alone_are_no_error(folder, copy, photos, capsys):
    with Image.open(io.BytesIO(photos["frame_0"])) as image:
        image.save(copy / SCENE / "images" / "frame_0.jpg", quality=95)
    run_verify(VerifySettings(folder=folder, images_root=copy))
    assert f"scannetpp/{SCENE}/frame_0 has the same size and other bytes." in capsys.readouterr().out


def test_nothing_to_compare(tmp_path, scene):
    write_dataset(tmp_path / "d", [scene])
    with pytest.raises(DatasetError, match=r"has no photos\.parquet: no photos are missing in it"):
        run_verify(VerifySettings(folder=tmp_path / "d", images_root=tmp_path))
    write_dataset(tmp_path / "d", [scene], overwrite=True)
    (tmp_path / "d" / "photos.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match=r"photos\.parquet is not readable as Parquet"):
        read_photos(tmp_path / "d")


def test_raw_scenes_keep_what_photos_are_like(tmp_path, photos):
    facts = {frame: Photo.of(photo) for frame, photo in photos.items()}
    write_raw_scene(tmp_path / "room", "key", [], {}, {}, facts)
    assert read_raw_scene(tmp_path / "room", "key").photos == facts
    write_raw_scene(tmp_path / "other", "key", [], {}, {})
    assert read_raw_scene(tmp_path / "other", "key").photos == {}


def test_found_and_missing_together_are_all(copy):
    keys = [("scannetpp", SCENE, frame) for frame in (*FRAMES, "frame_9")]
    found, missing = find_images(copy, keys)
    assert set(found) | set(missing) == set(keys) and missing == [keys[-1]]
