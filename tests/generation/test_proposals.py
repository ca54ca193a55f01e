"""What proposals depend on."""

import os
import shutil
from dataclasses import replace

from generation.proposals import proposals_key
from generation.settings import GenerateSettings


def test_a_folder_that_was_moved_has_the_same_proposals(write_capture, small_room, tmp_path):
    write_capture(tmp_path / "here" / "room", small_room)
    shutil.copytree(tmp_path / "here", tmp_path / "there")  # with the times of the files
    here, there = (GenerateSettings(source="posed_rgbd", root=tmp_path / name) for name in ("here", "there"))
    key = proposals_key(here, "room")
    assert proposals_key(there, "room") == key
    assert proposals_key(replace(here, seed=1), "room") != key
    os.utime(tmp_path / "there/room/transforms.json", (1, 1))
    assert proposals_key(there, "room") != key
