"""Files and folders that appear whole or not at all, while other processes write, read, delete and die."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dataset_builder import whole
from dataset_builder.errors import DatasetError
from dataset_builder.raw import read_raw_scene, write_raw_scene
from dataset_builder.whole import remove, remove_partial, write_file, write_folder


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    for data in (b"one", b"two"):
        write_file(tmp_path / "folder" / "file", data)
        assert (tmp_path / "folder" / "file").read_bytes() == data
    assert [path.name for path in tmp_path.rglob("*")] == ["folder", "file"]


def test_a_folder_is_replaced_unless_it_is_as_good(tmp_path):
    folder = tmp_path / "folder"
    write_folder(folder, {"a/b": b"1", "c": b"1"}, is_there=lambda: False)
    write_folder(folder, {"a/b": b"2"}, is_there=lambda: True)
    assert (folder / "a/b").read_bytes() == b"1"
    write_folder(folder, {"a/b": b"2"}, is_there=lambda: False)
    assert (folder / "a/b").read_bytes() == b"2" and not (folder / "c").exists()
    assert list(tmp_path.iterdir()) == [folder]


def test_leftovers_are_deleted_and_nothing_else(tmp_path):
    write_folder(tmp_path / "scenes" / "room.partial-7", {"file": b""}, is_there=lambda: False)
    (tmp_path / "scenes" / ".room.partial-0a" / "images").mkdir(parents=True)
    (tmp_path / "scenes" / ".file.partial-0b").touch()
    remove_partial(tmp_path, "*/.*.partial-*")
    assert [path.name for path in (tmp_path / "scenes").iterdir()] == ["room.partial-7"]
    remove(tmp_path / "no such thing")


@pytest.mark.parametrize("count", [1, 3])
def test_a_writer_whose_work_is_taken_for_a_leftover_writes_it_again(tmp_path, monkeypatch, count):
    folder, rename, taken = tmp_path / "folder", os.rename, []

    def rename_late(source, target):
        if target == folder and len(taken) < count:
            taken.append(source)
            remove_partial(tmp_path, ".*.partial-*")
        rename(source, target)

    monkeypatch.setattr(whole.os, "rename", rename_late)
    write_folder(folder, {"a/b": b"1", "c": b"2"}, is_there=lambda: False)
    assert len(taken) == count
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {"b": b"1", "c": b"2"}


def test_a_writer_does_not_try_for_ever(tmp_path):
    def never():
        raise FileNotFoundError("gone")

    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    with pytest.raises(FileNotFoundError):
        write_folder(tmp_path / "folder", {"file": b"1"}, is_there=never)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_many_writers_and_readers_of_one_folder_never_see_a_mixture(tmp_path):
    """Two settings fight for one scene's folder; whoever reads gets one of them whole, or is told."""
    scenes = {key: ([{"id": key}] * 20, {f"frame_{k}": key.encode() * 100 for k in range(5)}) for key in ("a", "b")}
    folder, stop, whole_ones, told = tmp_path / "room", threading.Event(), [], []

    def write(key):
        for _ in range(60):
            write_raw_scene(folder, key, *scenes[key], counts={})

    def read():
        while not stop.is_set():
            for key, expected in scenes.items():
                try:
                    found = read_raw_scene(folder, key)
                    if found is not None:
                        assert (found.rows, found.images) == expected
                        whole_ones.append(key)
                except DatasetError as error:
                    assert "was replaced while it was read" in str(error)
                    told.append(key)

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        writers = [pool.submit(write, key) for key in ("a", "b", "a", "b")]
        for writer in writers:
            writer.result()
        stop.set()
        for reader in readers:
            reader.result()
    assert set(whole_ones) == {"a", "b"} and told
    assert [path.name for path in tmp_path.iterdir()] == ["room"]
