"""Scenes -> rows, then one dataset folder, in three steps that each run on any number of processes:

1. every scene proposes questions (`proposals`);
2. of groups of scenes, the questions that are asked are drawn (`draw`);
3. every scene gives the rows and the images of its questions (`make_scene`).

What a step gives depends on the settings and on what it reads alone, so neither the number of workers nor a stop and a
restart changes a byte. Everything is left in the work folder; a run that finds it goes on there.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from multiprocessing import get_context
from types import MappingProxyType
from typing import TypeVar

from dataset_builder.raw import RawScene, read_raw_scene, write_raw_scene
from dataset_builder.schema import SPLITS, TASK_OF
from dataset_builder.writer import SceneRows, write_dataset
from generation.annotation.annotate import cached_annotation
from generation.annotation.scene_annotation import SceneAnnotation
from generation.draw import asked_path, draw_group, groups_of
from generation.proposals import BEYOND_LIMIT, proposals_key, propose_scene
from generation.question_files import unpack_questions
from generation.rendering.renderer import SceneRenderer
from generation.rendering.tone import encode_jpeg
from generation.rng import stage_rng
from generation.rows import build_row
from generation.sampling import ViewSet
from generation.scenes import open_source
from generation.scenes.base import FixesSplits, Scene, SceneError
from generation.scenes.checks import check_scene
from generation.settings import GenerateSettings, SourceSettings
from generation.tasks.base import Question, View


# Part of every raw scene's key: raise it when the same questions give other rows or pixels
VERSION = 3
# Shares of the scenes
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2
STEPS_PER_SCENE = 2
# Settings on which no row depends
NOT_OF_THE_ROWS = {"root", "workers", "out", "overwrite"}

Item = TypeVar("Item")


@dataclass
class RunReport:
    """What a run did.

    Args:
        counts (`dict[str, Counter]`): per question type, candidates proposed, kept, and rejected by each rule.
        failed (`dict[str, str]`): scenes that were set aside, with the reason.
    """

    counts: dict[str, Counter] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        for question_type, found in counts.items():
            self.counts.setdefault(question_type, Counter()).update(found)


def generate(settings: GenerateSettings, on_step: Callable[[int], None] = lambda count: None) -> RunReport:
    """Make the dataset folder `settings.out`.

    Args:
        settings ([`GenerateSettings`]).
        on_step (`Callable[[int], None]`): called with how many more of `STEPS_PER_SCENE` are done for some scene.

    Returns:
        [`RunReport`]; scenes in `failed` are not in the folder.

    Raises:
        [`DatasetError`]: the folder exists and may not be replaced, or cannot be written.
        [`SceneError`]: no scene could be made at all.
    """
    source = open_source(settings)
    names = source.scene_names()
    report, proposals, done = RunReport(), {}, {}
    for name, result in run_step(propose_scene, settings, names):
        if isinstance(result, str):
            report.failed[name] = result
        else:
            proposals[name] = result
        on_step(1 if name in proposals else STEPS_PER_SCENE)
    splits = split_scenes(names, settings.seed, source.splits() if isinstance(source, FixesSplits) else {})
    ready = [name for name in names if name in proposals]
    groups = [group for split in SPLITS for group in groups_of([name for name in ready if splits[name] == split])]
    for group, reason in run_step(draw_group, settings, groups):
        if reason is not None:
            report.failed |= dict.fromkeys(group, reason)
    for name, result in run_step(make_scene, settings, [name for name in ready if name not in report.failed]):
        if isinstance(result, str):
            report.failed[name] = result
        else:
            done[name] = result
        on_step(1)
    if not done:
        name, reason = next(iter(report.failed.items()))
        raise SceneError(f"None of the {len(names)} scenes could be used. The first one: {name}: {reason}")
    ordered = [name for name in names if name in done]
    for name in ordered:
        report.add(proposals[name].counts)
        report.add(done[name].counts)
    for kind in TASK_OF.keys() & report.counts.keys():
        counts = report.counts[kind]
        counts["not_drawn"] = counts["proposed"] - counts[BEYOND_LIMIT] - counts["kept"]
    write_dataset(
        settings.out,
        (SceneRows(name, splits[name], done[name].rows, done[name].images) for name in ordered),
        run=run_record(settings, report, groups),
        overwrite=settings.overwrite,
    )
    return report


def run_record(settings: GenerateSettings, report: RunReport, groups: Sequence[tuple[str, ...]]) -> dict:
    """How the rows came about, for `statistics.json` and the card: version, settings, command, the groups of scenes
    that were balanced together, and what each rule turned down. Folders and workers stay out of it: no row depends on
    them."""
    given = {name: value for name, value in asdict(settings).items() if value is not None}
    made_by = {name: value for name, value in given.items() if name not in NOT_OF_THE_ROWS}
    options = [f"--{name.replace('_', '-')} {value}" for name, value in made_by.items() if name != "pixels"]
    options += [] if settings.pixels else ["--no-pixels"]
    options += ["--root SCANS"] if settings.root else []
    return {
        "version": version("spatialmosaic"),
        **made_by,
        "command": " ".join(["spatialmosaic generate", *options]),
        "balanced_together": [list(group) for group in groups],
        "candidates": {kind: dict(sorted(counts.items())) for kind, counts in sorted(report.counts.items())},
    }


def run_step(
    step: Callable[[SourceSettings, Item], object], settings: SourceSettings, items: Sequence[Item]
) -> Iterator[tuple[Item, object]]:
    """Run `step(settings, item)` for every item; yield (item, result), or (item, reason) for one that is set aside."""
    if settings.workers == 1:
        for item in items:
            yield item, _set_aside_on_error(step, settings, item)
        return
    # spawn: a forked child would inherit the ray caster's threads in an undefined state
    with ProcessPoolExecutor(settings.workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(_set_aside_on_error, step, settings, item): item for item in items}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _set_aside_on_error(step: Callable, settings: SourceSettings, item):
    try:
        return step(settings, item)
    except SceneError as error:
        return str(error)


def split_scenes(names: list[str], seed: int, listed: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Assign every scene to a split: the one in `listed`, or else a split at random.

    Of the scenes that are not listed a tenth goes to validation and a fifth to test, at least one each. One scene
    alone is for training; of two, the second is the test split.
    """
    drawn = [name for name in names if name not in listed]
    order = [drawn[k] for k in stage_rng(seed, "splits").permutation(len(drawn))]
    num_test = max(1, round(TEST_SHARE * len(drawn))) if len(drawn) > 1 else 0
    num_validation = max(1, round(VALIDATION_SHARE * len(drawn))) if len(drawn) > 2 else 0
    train, validation, test = SPLITS
    return {name: listed[name] for name in names if name in listed} | {
        name: test if k < num_test else validation if k < num_test + num_validation else train
        for k, name in enumerate(order)
    }


def make_scene(settings: GenerateSettings, name: str) -> RawScene:
    """Rows and images of what one scene is asked, read from the work folder when they are there."""
    path = asked_path(settings, name)
    packed = path.read_bytes()
    depends_on = (VERSION, proposals_key(settings, name), settings.pixels)
    key = hashlib.sha256(repr(depends_on).encode() + packed).hexdigest()
    folder = settings.work_dir / "scenes" / name
    found = read_raw_scene(folder, key)
    if found is not None:
        return found
    scene = check_scene(open_source(settings).load(name))
    annotation = cached_annotation(scene, settings.seed, settings.work_dir / "annotations")
    rows = build_rows(annotation, unpack_questions(packed, path), settings.seed)
    counts = {kind: {"kept": count} for kind, count in sorted(Counter(row["question_type"] for row in rows).items())}
    with_pixels = settings.pixels and scene.redistributable
    shown = sorted({frame for row in rows for frame in row["frames"]}) if with_pixels else []
    return write_raw_scene(folder, key, rows, render_frames(scene, shown, settings.seed), counts)


def build_rows(annotation: SceneAnnotation, questions: Sequence[Question], seed: int) -> list[dict]:
    """The rows of a scene's questions, without images."""
    views = {
        frames: View(annotation, ViewSet.of(frames, annotation.overlap))
        for frames in {question.frames for question in questions}
    }
    rng = stage_rng(seed, annotation.scene_name, "options")
    return [build_row(views[question.frames], question, rng) for question in questions]


def render_frames(scene: Scene, frame_ids: list[str], seed: int) -> dict[str, bytes]:
    """JPEG bytes of the frames, by id: the source's own file where it has one, else rendered."""
    renderer = SceneRenderer(scene) if scene.appearance is not None else None
    images = {}
    for frame in scene.frames:
        if frame.frame_id not in frame_ids:
            continue
        if frame.image_path is not None:
            images[frame.frame_id] = frame.image_path.read_bytes()
        else:
            rng = stage_rng(seed, scene.scene_name, "render", frame.frame_id)
            images[frame.frame_id] = encode_jpeg(renderer.render(frame.camera, rng).rgb)
    return images
