"""Which of the proposed questions are asked: options, balance and letters, over many scenes together.

What is usual in the world (lamps hang higher than rugs) tells an answer unless the same is also asked where it is
otherwise. One room seldom has both, many rooms do: so proposals of up to 64 scenes of a split are matched together.
"""

import hashlib
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from dataset_builder.raw import read_counts, unchanged, write_keyed_folder
from generation.balance import letter_order, select
from generation.proposals import Proposals, proposals_key, propose_scene
from generation.question_files import pack_questions
from generation.rng import stage_rng
from generation.settings import GenerateSettings
from generation.tasks import MATCHERS
from generation.tasks.base import Question


# Part of the key: raise it when the same proposals give other questions
VERSION = 1
# As many as match well and fit into memory
MAX_SCENES = 64


def groups_of(names: list[str]) -> list[tuple[str, ...]]:
    """Cut the scenes of a split into groups of nearly equal size, at most 64 each."""
    count = -(-len(names) // MAX_SCENES)
    return [tuple(str(name) for name in part) for part in np.array_split(names, count)] if names else []


def draw_group(settings: GenerateSettings, names: tuple[str, ...]) -> None:
    """Draw the questions of scenes whose proposals are there, and write each scene's to `asked_path`."""
    key = draw_key(settings, names)
    if all(read_counts(asked_path(settings, name).parent, key) is not None for name in names):
        return
    asked = defaultdict(list)
    with ExitStack() as reading:
        proposals = [propose_scene(settings, name) for name in names]
        for name, one in zip(names, proposals, strict=True):
            reading.enter_context(unchanged(one.folder, proposals_key(settings, name)))
        for question_type in sorted({kind for one in proposals for kind in one.types}):
            for question in draw_type(settings, proposals, question_type):
                asked[question.scene_name].append(question)
    for name in names:
        path = asked_path(settings, name)
        write_keyed_folder(path.parent, key, {path.name: pack_questions(asked[name])}, counts={})


def draw_key(settings: GenerateSettings, names: tuple[str, ...]) -> str:
    """Stands for everything on which the questions of a group depend."""
    parts = (VERSION, [(name, proposals_key(settings, name)) for name in names])
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def draw_type(settings: GenerateSettings, proposals: list[Proposals], question_type: str) -> list[Question]:
    """The questions of one type that are asked, with their options and letters."""
    proposed = [question for one in proposals for question in one.of_type(question_type)]
    quota = settings.questions * len(proposals)
    rng = stage_rng(settings.seed, *sorted({question.scene_name for question in proposed}), question_type, "draw")
    if question_type in MATCHERS:
        proposed = MATCHERS[question_type](proposed, quota, rng)
    chosen = select(proposed, quota, rng)
    if not chosen or chosen[0].answer_format != "choice":
        return chosen
    letters = letter_order(len(chosen), 1 + len(chosen[0].distractors), rng)
    return [question._replace(letter=letter) for question, letter in zip(chosen, letters, strict=True)]


def asked_path(settings: GenerateSettings, name: str) -> Path:
    """File of the questions that one scene is asked."""
    return settings.work_dir / "asked" / name / "questions.gz"
