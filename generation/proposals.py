"""One scene's proposals: the questions that hold in it, before any is chosen, kept in the work folder.

<work folder>/proposals/<scene_name>/<question_type>.gz
<work folder>/proposals/<scene_name>/scene.json            the view sets, and the names of the categories
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from dataset_builder.errors import DatasetError
from dataset_builder.raw import read_counts, write_keyed_folder
from generation.annotation.annotate import cached_annotation
from generation.annotation.scene_annotation import DOUBTS, SURE, SceneAnnotation
from generation.content import content_digest
from generation.question_files import pack, unpack
from generation.rng import stage_rng
from generation.sampling import sample_view_sets
from generation.scenes import open_source
from generation.scenes.base import ReadsFiles, Scene, SceneError, SharesFolders
from generation.scenes.checks import check_scene
from generation.settings import GenerateSettings
from generation.tasks import tasks_of
from generation.tasks.base import Ledger, View, categories_of
from generation.tasks.codes import grouped
from generation.tasks.proposed import PROPOSAL, WITH_POOL


# Part of the key: raise it when the same settings give other proposals
VERSION = 6
# Proposals of a type that are kept, in all and for each question wanted: enough to find matches in other scenes
MAX_PROPOSALS, PER_QUESTION = 1000, 4
BEYOND_LIMIT = "more_than_a_scene_may_propose"


@dataclass(frozen=True)
class Proposed:
    """What a scene could be asked.

    Args:
        view_sets (`list` of `tuple` of `int`): frames of each view set in the order shown.
        categories (`list` of `str`): names of the scene's categories, in their order.
        of_type (`dict` of `str` to `np.ndarray`): `tasks.proposed.PROPOSAL` records by question type.
        counts (`dict[str, dict[str, int]]`): per question type, how many were proposed, and rejected by each rule.
    """

    view_sets: list[tuple[int, ...]]
    categories: list[str]
    of_type: dict[str, np.ndarray]
    counts: dict[str, dict[str, int]]

    def files(self) -> dict[str, bytes]:
        """What is kept of them, by file name."""
        scene = {"view_sets": self.view_sets, "categories": self.categories}
        return {"scene.json": orjson.dumps(scene)} | {f"{kind}.gz": pack(one) for kind, one in self.of_type.items()}


@dataclass(frozen=True)
class Proposals:
    """The folder of what a scene could be asked.

    Args:
        folder (`Path`).
        counts (`dict[str, dict[str, int]]`): see [`Proposed`].
    """

    folder: Path
    counts: dict[str, dict[str, int]]

    @property
    def types(self) -> list[str]:
        return sorted(path.name.partition(".")[0] for path in self.folder.glob("*.gz"))

    def scene(self) -> tuple[list[tuple[int, ...]], list[str]]:
        """View sets and categories, see [`Proposed`]."""
        path = self.folder / "scene.json"
        try:
            scene = orjson.loads(path.read_bytes())
            return [tuple(frames) for frames in scene["view_sets"]], scene["categories"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{path} cannot be read ({error}). Delete the folder {self.folder} and run again."
            ) from error

    def of_type(self, question_type: str) -> np.ndarray | None:
        """The proposals of a type, `None` when there are none."""
        path = self.folder / f"{question_type}.gz"
        return unpack(path.read_bytes(), path, PROPOSAL, WITH_POOL) if path.exists() else None


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
        proposed = propose(annotation, settings)
        counts = proposed.counts | _left_out(scene, annotation)
        write_keyed_folder(folder, key, proposed.files(), counts)
    return Proposals(folder, counts)


def find_proposals(settings: GenerateSettings, name: str) -> dict[str, dict[str, int]] | None:
    """Counts of the scene's proposals, or `None` when there are none."""
    try:
        return read_counts(settings.work_dir / "proposals" / name, proposals_key(settings, name))
    except SceneError:  # the scene has no folder that could be looked at
        return None


def propose(annotation: SceneAnnotation, settings: GenerateSettings) -> Proposed:
    """What a scene could be asked."""
    name, seed = annotation.scene_name, settings.seed
    rng = stage_rng(seed, name, "view_sets")
    view_sets, turned_down = sample_view_sets(annotation.overlap, settings.view_sets, rng, annotation.moments)
    views = [View(annotation, view_set) for view_set in view_sets]
    num_views = np.array([view.size for view in views], dtype=int)
    ledger, of_type = Ledger(), {}
    for task, one in tasks_of(annotation.domain).items():
        if views:
            of_type |= one.propose(views, stage_rng(seed, name, task), ledger)
    for kind, found in of_type.items():
        limit = max(MAX_PROPOSALS, PER_QUESTION * settings.questions)
        ledger.propose(kind, len(found))
        of_type[kind] = thin(found, limit, stage_rng(seed, name, kind, "thin"))
        of_type[kind]["num_views"] = num_views[of_type[kind]["view_set"]]
        ledger.reject(kind, BEYOND_LIMIT, len(found) - len(of_type[kind]))
    counts = {"view sets": {"kept": len(view_sets), **turned_down}}
    for (kind, rule), count in sorted(ledger.counts.items()):
        counts.setdefault(kind, {})[rule] = count
    return Proposed([one.frames for one in view_sets], categories_of(annotation).names, of_type, counts)


def thin(proposals: np.ndarray, limit: int, rng: np.random.Generator) -> np.ndarray:
    """At most `limit` random ones, as evenly as can be of every side, stratum and subject."""
    drawn = proposals[rng.permutation(len(proposals))]
    turns = np.zeros(len(drawn), dtype=int)
    for places in grouped(drawn["side"], drawn["stratum"], drawn["subject"]):
        turns[places] = np.arange(len(places))
    return drawn[np.argsort(turns, kind="stable")[:limit]]


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
    # not the folder's own name: where it lies changes no question
    parts = (VERSION, settings.source, settings.seed, settings.frames, settings.view_sets, settings.questions, name,
             files)  # fmt: skip
    if settings.assets is not None:
        parts += (content_digest(settings.assets),)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
