"""One scene's proposals: the questions that hold in it, before any is chosen, kept in the work folder.

<work folder>/proposals/<scene_name>/<question_type>.gz
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dataset_builder.raw import read_counts, write_keyed_folder
from generation.annotation.annotate import cached_annotation
from generation.annotation.scene_annotation import DOUBTS, SURE, SceneAnnotation
from generation.content import content_digest
from generation.question_files import pack_questions, unpack_questions
from generation.rng import stage_rng
from generation.sampling import sample_view_sets
from generation.scenes import open_source
from generation.scenes.base import ReadsFiles, Scene, SceneError, SharesFolders
from generation.scenes.checks import check_scene
from generation.settings import GenerateSettings
from generation.tasks import tasks_of
from generation.tasks.base import Ledger, Question, View


# Part of the key: raise it when the same settings give other proposals
VERSION = 5
# Proposals of a type that are kept, in all and for each question wanted: enough to find matches in other scenes
MAX_PROPOSALS, PER_QUESTION = 1000, 4
BEYOND_LIMIT = "more_than_a_scene_may_propose"


@dataclass(frozen=True)
class Proposals:
    """What a scene could be asked.

    Args:
        folder (`Path`).
        counts (`dict[str, dict[str, int]]`): per question type, how many were proposed, and rejected by each rule.
    """

    folder: Path
    counts: dict[str, dict[str, int]]

    @property
    def types(self) -> list[str]:
        return sorted(path.name.partition(".")[0] for path in self.folder.glob("*.gz"))

    def of_type(self, question_type: str) -> list[Question]:
        path = self.folder / f"{question_type}.gz"
        return unpack_questions(path.read_bytes(), path) if path.exists() else []


def propose_scene(settings: GenerateSettings, name: str) -> Proposals:
    """The proposals of one scene, read from the work folder when they are there.

    Raises:
        [`SceneError`]: the scene cannot be used.
    """
    folder, key = settings.work_dir / "proposals" / name, proposals_key(settings, name)
    counts = read_counts(folder, key)
    if counts is None:
        scene = check_scene(open_source(settings).load(name))
        annotation = cached_annotation(scene, settings.seed, settings.work_dir / "annotations")
        proposed, counts = propose(annotation, settings)
        counts |= _left_out(scene, annotation)
        files = {f"{kind}.gz": pack_questions(questions) for kind, questions in proposed.items()}
        write_keyed_folder(folder, key, files, counts)
    return Proposals(folder, counts)


def find_proposals(settings: GenerateSettings, name: str) -> dict[str, dict[str, int]] | None:
    """Counts of the scene's proposals, or `None` when there are none."""
    try:
        return read_counts(settings.work_dir / "proposals" / name, proposals_key(settings, name))
    except SceneError:  # the scene has no folder that could be looked at
        return None


def propose(
    annotation: SceneAnnotation, settings: GenerateSettings
) -> tuple[dict[str, list[Question]], dict[str, dict[str, int]]]:
    """By question type, what a scene could be asked, and the counts of what was proposed and rejected."""
    name, seed = annotation.scene_name, settings.seed
    rng = stage_rng(seed, name, "view_sets")
    view_sets, turned_down = sample_view_sets(annotation.overlap, settings.view_sets, rng, annotation.moments)
    views = [View(annotation, view_set) for view_set in view_sets]
    ledger, proposed = Ledger(), defaultdict(list)
    for task, ask in tasks_of(annotation.domain).items():
        rng = stage_rng(seed, name, task)
        for view in views:
            for question in ask(view, rng, ledger):
                proposed[question.question_type].append(question)
    for kind, questions in proposed.items():
        limit = max(MAX_PROPOSALS, PER_QUESTION * settings.questions)
        proposed[kind] = thin(questions, limit, stage_rng(seed, name, kind, "thin"))
        ledger.reject(kind, BEYOND_LIMIT, len(questions) - len(proposed[kind]))
    counts = {"view sets": {"kept": len(view_sets), **turned_down}}
    for (kind, rule), count in sorted(ledger.counts.items()):
        counts.setdefault(kind, {})[rule] = count
    return dict(proposed), counts


def thin(questions: Sequence[Question], limit: int, rng: np.random.Generator) -> list[Question]:
    """At most `limit` random ones, as evenly as can be of every side, stratum and subject."""
    drawn = [questions[k] for k in rng.permutation(len(questions))]
    turn: dict[tuple, int] = defaultdict(int)
    turns = []
    for question in drawn:
        cell = (question.side, question.stratum, question.subject)
        turns.append(turn[cell])
        turn[cell] += 1
    first = np.argsort(turns, kind="stable")[:limit]
    return [drawn[k] for k in first]


def _left_out(scene: Scene, annotation: SceneAnnotation) -> dict[str, dict[str, int]]:
    """What a scan has and no question is about, counted by reason."""
    open_because = "error of the estimate" if annotation.method == "boxes" else "hole in the mesh"
    in_frames = {f"{open_because} leaves open if visible": int(annotation.in_doubt.sum())}
    if annotation.doubts is not None:
        guessed = annotation.doubts[annotation.visible_pixels > 0]
        in_frames |= {reason: int((guessed == doubt).sum()) for doubt, reason in enumerate(DOUBTS) if doubt != SURE}
    in_frames = {reason: count for reason, count in in_frames.items() if count}
    found = {"instances": dict(scene.left_out), "instances in frames": in_frames}
    return {kind: counts for kind, counts in found.items() if counts}


def proposals_key(settings: GenerateSettings, name: str) -> str:
    """Stands for everything that a scene's proposals depend on, the state of its files included."""
    source, files = open_source(settings), []
    if isinstance(source, ReadsFiles):
        folder = source.scene_folder(name)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
    elif isinstance(source, SharesFolders):
        folder, paths = settings.root, source.scene_files(name)
    else:
        paths = []
    for path in paths:
        status = path.stat()
        files.append((str(path.relative_to(folder)), status.st_size, status.st_mtime_ns))
    parts = (VERSION, settings.source, settings.root, settings.seed, settings.frames, settings.view_sets,
             settings.questions, name, files)  # fmt: skip
    if settings.assets is not None:
        parts += (content_digest(settings.assets),)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
