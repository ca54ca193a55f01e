"""Which of the proposed questions are asked: options, balance and letters, over many scenes together.

What is usual in the world (lamps hang higher than rugs) tells an answer unless the same is also asked where it is
otherwise. One room seldom has both, many rooms do: so proposals of up to 64 scenes of a split are matched together.
"""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from dataset_builder.raw import read_counts, unchanged, write_keyed_folder
from generation.balance import letter_order, select
from generation.proposals import Proposals, proposals_key, propose_scene
from generation.question_files import pack
from generation.rng import stage_rng
from generation.settings import GenerateSettings
from generation.tasks import BALANCE, MATCHERS
from generation.tasks.proposed import ASKED, NONE, NUM_WRONG, drawn, frames_of


# Part of the key: raise it when the same proposals give other questions
VERSION = 2
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
    with ExitStack() as reading:
        proposals = [propose_scene(settings, name) for name in names]
        for name, one in zip(names, proposals, strict=True):
            reading.enter_context(unchanged(one.folder, proposals_key(settings, name)))
        drawing = Drawing(settings, names, proposals)
        asked = [drawing.of_type(kind) for kind in sorted({kind for one in proposals for kind in one.types})]
    for scene, name in enumerate(names):
        questions = np.concatenate([np.zeros(0, ASKED), *(of_type[scene] for of_type in asked)])
        path = asked_path(settings, name)
        write_keyed_folder(path.parent, key, {path.name: pack(questions)}, counts={})


def draw_key(settings: GenerateSettings, names: tuple[str, ...]) -> str:
    """Stands for everything on which the questions of a group depend."""
    parts = (VERSION, [(name, proposals_key(settings, name)) for name in names])
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class Drawing:
    """Draws the questions of several scenes together.

    Args:
        settings ([`GenerateSettings`]).
        names (`Sequence` of `str`): the scenes.
        proposals (`Sequence` of [`Proposals`]): of each.
    """

    def __init__(self, settings: GenerateSettings, names: Sequence[str], proposals: Sequence[Proposals]):
        self.settings, self.names, self.proposals = settings, names, proposals
        scenes = [one.scene() for one in proposals]
        self.frames = [frames_of(view_sets) for view_sets, _ in scenes]
        # a category has one number in all scenes: its place in the order of names, as in each
        every = sorted({name for _, categories in scenes for name in categories})
        self.categories = [np.searchsorted(every, np.array(categories, dtype=str)) for _, categories in scenes]

    def of_type(self, question_type: str) -> list[np.ndarray]:
        """The questions of one type that each scene is asked (`ASKED`), with their options and letters."""
        proposed = [self._read(scene, question_type) for scene in range(len(self.names))]
        names = [name for name, found in zip(self.names, proposed, strict=True) if found is not None]
        if not names:
            return [np.zeros(0, ASKED) for _ in self.names]
        questions = np.concatenate([found for found in proposed if found is not None])
        quota, balance = self.settings.questions * len(self.names), BALANCE[question_type]
        rng = stage_rng(self.settings.seed, *sorted(names), question_type, "draw")
        wrong = np.zeros((len(questions), NUM_WRONG), dtype=int)
        if question_type in MATCHERS:
            closed = MATCHERS[question_type](questions, quota, rng)
            questions, wrong, balance = closed.applied_to(questions), closed.wrong, closed.balance
        chosen = select(questions, balance, quota, rng)
        questions, wrong = questions[chosen], wrong[chosen]
        letters = np.full(len(chosen), NONE)
        if balance.num_options:
            letters = letter_order(len(chosen), balance.num_options, rng)
        return [self._asked(scene, question_type, questions, wrong, letters) for scene in range(len(self.names))]

    def _read(self, scene: int, question_type: str) -> np.ndarray | None:
        """A scene's proposals, with the numbers that categories have in all scenes."""
        found = self.proposals[scene].of_type(question_type)
        if found is not None:
            categories = np.append(self.categories[scene], NONE)  # so that -1 stays
            found["scene"], found["subject"] = scene, categories[found["subject"]]
            for name in BALANCE[question_type].categories:
                found["block"][:, name] = categories[found["block"][:, name]]
            if "pool" in found.dtype.names:
                found["pool"] = categories[found["pool"]]
        return found

    def _asked(
        self, scene: int, question_type: str, questions: np.ndarray, wrong: np.ndarray, letters: np.ndarray
    ) -> np.ndarray:
        """Those of the questions that a scene is asked."""
        own = questions["scene"] == scene
        questions, wrong = questions[own], wrong[own]
        if "pool" in questions.dtype.names:
            wrong = np.searchsorted(self.categories[scene], wrong)
        return drawn(question_type, questions, self.frames[scene], wrong, letters[own])


def asked_path(settings: GenerateSettings, name: str) -> Path:
    """File of the questions that one scene is asked."""
    return settings.work_dir / "asked" / name / "questions.gz"
