"""A Space has these files and its requirements, and nothing else of this project."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml


pytest.importorskip("gradio", reason="needs gradio")
REPO = Path(__file__).resolve().parents[3]
SPACE = REPO / "hub_cards" / "space"
CODE = f"""
import importlib.util, sys
# an editable installation puts the repository on the path of every process
sys.path[:] = [path for path in sys.path if path != {str(REPO)!r}]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder)]
assert importlib.util.find_spec("dataset_builder") is None and importlib.util.find_spec("generation") is None
sys.path.insert(0, ".")
import app
from explorer import ALL, CHOOSERS, Explorer, Session
from scene_at_hand import NoMapError, Scenes
questions = app.Questions(sys.argv[1])
try:
    Scenes(questions.statistics["run"], None)
except NoMapError as error:
    print(error)
explorer = Explorer(questions, "no map")
app.build(explorer)
print(explorer.open(Session("", False, None, None, ["Boxes"], dict.fromkeys(CHOOSERS, ALL)))["question"])
print("torch" in sys.modules, "matplotlib" in sys.modules)
"""


def test_the_flat_folder_runs_without_this_project(dataset, tmp_path):
    copy = shutil.copytree(SPACE, tmp_path / "space", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE, str(dataset)], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    reason, question, imports = done.stdout.splitlines()
    assert "spatialmosaic" in reason and "is not installed" in reason
    assert "sm-question" in question
    assert imports == "False False"


def test_a_missing_dataset_is_named_before_the_app_starts(tmp_path):
    command = [sys.executable, str(SPACE / "app.py"), "--dataset", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "spatialmosaic generate" in " ".join(re.sub("[│╭╮╰╯─]", " ", done.stderr).split())


def test_the_card_of_the_space_names_what_is_there():
    front = yaml.safe_load((SPACE / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert front["sdk"] == "gradio" and (SPACE / front["app_file"]).is_file()
    tested = importlib.metadata.version("gradio")
    assert front["sdk_version"].split(".")[0] == tested.split(".")[0]
    assert len(front["short_description"]) <= 60  # the Hub refuses longer ones
    for line in (SPACE / "requirements.txt").read_text(encoding="utf-8").split():
        assert importlib.metadata.version(re.match(r"[\w-]+", line)[0])
