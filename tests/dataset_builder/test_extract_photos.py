"""Photos that lie in Parquet, taken out for the rows that show them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from dataset_builder.errors import DatasetError
from dataset_builder.extract_photos import extract_photos
from dataset_builder.images_root import locate_images
from dataset_builder.waymo_photos import IMAGE, KEYS, find_segment, read_photos_of
from spatialmosaic_cli.main import app


SEGMENT = "1005081002024129653_5313_150_5333_150"


@pytest.fixture
def copy(tmp_path) -> Path:
    """A user's own copy with one segment of three moments and two cameras; the images are short texts."""
    rows = [(timestamp, camera) for timestamp in (100, 200, 300) for camera in (1, 4)]
    table = pa.table(
        {
            KEYS[0]: pa.array([timestamp for timestamp, _ in rows], pa.int64()),
            KEYS[1]: pa.array([camera for _, camera in rows], pa.int8()),
            IMAGE: pa.array([f"photo {timestamp} {camera}".encode() for timestamp, camera in rows], pa.binary()),
        }
    )
    path = tmp_path / "copy/validation/camera_image" / f"{SEGMENT}.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(table, path, row_group_size=2)
    return tmp_path / "copy"


def keys(*frames: str) -> set:
    return {("waymo", SEGMENT, frame) for frame in frames}


def test_photos_lie_where_images_root_finds_them(copy, tmp_path):
    out, wanted = tmp_path / "photos", keys("100_1", "300_4")
    assert extract_photos(copy, wanted, out) == 2
    found = locate_images(out, wanted)
    assert {key[2]: path.read_bytes() for key, path in found.items()} == {
        "100_1": b"photo 100 1",
        "300_4": b"photo 300 4",
    }
    assert len(list(out.rglob("*.jpg"))) == 2


def test_what_is_there_is_not_taken_again(copy, tmp_path):
    out = tmp_path / "photos"
    extract_photos(copy, keys("100_1"), out)
    assert extract_photos(copy, keys("100_1", "200_4"), out) == 1
    assert extract_photos(copy, keys("100_1", "200_4"), out) == 0


def test_every_missing_photo_is_named(copy, tmp_path):
    wanted = keys("100_1", "100_5", "999_1") | {("waymo", "another_segment", "1_1")}
    with pytest.raises(DatasetError, match="lacks 3 of 4 photos.*/100_5.*/999_1.*another_segment/1_1"):
        extract_photos(copy, wanted, tmp_path / "photos")


def test_ids_that_leave_the_folder_are_refused(copy, tmp_path):
    with pytest.raises(DatasetError, match="not a plain name"):
        extract_photos(copy, {("waymo", "../../outside", "1_1")}, tmp_path / "photos")
    assert not (tmp_path / "photos").exists()


def test_a_damaged_file_is_named(copy, tmp_path):
    path = find_segment(copy, SEGMENT)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DatasetError, match=f"{SEGMENT}.parquet is not readable.*Copy it again"):
        extract_photos(copy, keys("100_1"), tmp_path / "photos")
    with pytest.raises(DatasetError):
        list(read_photos_of(path, {"100_1"}))


def test_without_them_the_remedy_is_told(tmp_path):
    with pytest.raises(DatasetError, match="take them out of its Parquet with `spatialmosaic photos`"):
        locate_images(tmp_path, keys("100_1"))


def test_the_command_refuses_a_dataset_of_another_source(make_row, make_scene, rng, copy, tmp_path):
    from dataset_builder.writer import write_dataset

    write_dataset(tmp_path / "rooms", [make_scene("room_0", "train", rng)])
    done = CliRunner().invoke(
        app, ["photos", str(tmp_path / "rooms"), "--root", str(copy), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 2
    assert "has no rows of 'waymo'" in done.output
