"""Scenes -> rows: every scene by itself, on any number of processes, then one dataset folder.

A scene's result depends on the settings and its own name alone, so neither the number of workers nor a stop and a
restart changes a byte. Every scene leaves its rows and images in the work folder; a run that finds them goes on there.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from multiprocessing import get_context
from types import MappingProxyType

from dataset_builder.raw import RawScene, read_raw_scene, write_raw_scene
from dataset_builder.schema import SPLITS
from dataset_builder.writer import SceneRows, write_dataset
from generation.annotation.annotate import cached_annotation
from generation.annotation.scene_annotation import DOUBTS, SURE, SceneAnnotation
from generation.balance import letter_order, select
from generation.rendering.renderer import SceneRenderer
from generation.rendering.tone import encode_jpeg
from generation.rng import stage_rng
from generation.rows import build_row
from generation.sampling import sample_view_sets
from generation.scenes import open_source
from generation.scenes.base import FixesSplits, Scene, SceneError, check_scene
from generation.settings import GenerateSettings, SourceSettings
from generation.tasks import MATCHERS, TASKS
from generation.tasks.base import Ledger, Question, View


logger = logging.getLogger(__name__)

# Part of every raw scene's key: raise it when the same settings give other rows or pixels
VERSION = 2
# Shares of the scenes
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2
# Settings on which no row depends
NOT_OF_THE_ROWS = {"root", "workers", "out", "overwrite"}


@dataclass
class RunReport:
    """What a run did.

    Args:
        counts (`dict[str, Counter]`): per question type, candidates proposed, kept, and rejected by each rule.
        failed (`dict[str, str]`): scenes that were set aside, with the reason.
    """

    counts: dict[str, Counter] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, scene: RawScene) -> None:
        for question_type, counts in scene.counts.items():
            self.counts.setdefault(question_type, Counter()).update(counts)


def generate(settings: GenerateSettings, on_scene: Callable[[int], None] = lambda count: None) -> RunReport:
    """Make the dataset folder `settings.out`.

    Args:
        settings ([`GenerateSettings`]).
        on_scene (`Callable[[int], None]`): called with 1 whenever a scene is done or set aside.

    Returns:
        [`RunReport`]; scenes in `failed` are not in the folder.

    Raises:
        [`DatasetError`]: the folder exists and may not be replaced, or cannot be written.
        [`SceneError`]: no scene could be made at all.
    """
    source = open_source(settings)
    names = source.scene_names()
    report, done = RunReport(), {}
    for name, result in run_scenes(make_scene, settings, names):
        if isinstance(result, str):
            report.failed[name] = result
        else:
            done[name] = result
        on_scene(1)
    if not done:
        name, reason = next(iter(report.failed.items()))
        raise SceneError(f"None of the {len(names)} scenes could be used. The first one: {name}: {reason}")
    listed = source.splits() if isinstance(source, FixesSplits) else {}
    splits = split_scenes(names, settings.seed, listed)
    ordered = [name for name in names if name in done]
    for name in ordered:
        report.add(done[name])
    write_dataset(
        settings.out,
        (SceneRows(name, splits[name], done[name].rows, done[name].images) for name in ordered),
        run=run_record(settings, report),
        overwrite=settings.overwrite,
    )
    return report


def run_record(settings: GenerateSettings, report: RunReport) -> dict:
    """How the rows came about, for `statistics.json`: the version, the settings that they depend on, and what each
    rule turned down. Folders stay out of it: they are the user's own and change nothing."""
    made_by = {name: value for name, value in asdict(settings).items() if name not in NOT_OF_THE_ROWS}
    candidates = {kind: dict(sorted(counts.items())) for kind, counts in sorted(report.counts.items())}
    return {"version": version("spatialmosaic"), **made_by, "candidates": candidates}


def run_scenes(step: Callable, settings: SourceSettings, names: list[str]) -> Iterator[tuple[str, object]]:
    """Run `step(settings, name)` for every scene; yield (name, result), or (name, reason) for a scene set aside."""
    if settings.workers == 1:
        for name in names:
            yield name, _set_aside_on_error(step, settings, name)
        return
    # spawn: a forked child would inherit the ray caster's threads in an undefined state
    with ProcessPoolExecutor(settings.workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(_set_aside_on_error, step, settings, name): name for name in names}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _set_aside_on_error(step: Callable, settings: SourceSettings, name: str):
    try:
        return step(settings, name)
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
    """Rows and images of one scene, read from the work folder when they are there."""
    folder = settings.work_dir / "scenes" / name
    key = _raw_key(settings, name)
    found = read_raw_scene(folder, key)
    if found is not None:
        return found
    scene = check_scene(open_source(settings).load(name))
    annotation = cached_annotation(scene, settings.seed, settings.work_dir / "annotations")
    rows, counts = ask(annotation, settings)
    counts |= _left_out(scene, annotation)
    shown = sorted({frame for row in rows for frame in row["frames"]}) if scene.redistributable else []
    return write_raw_scene(folder, key, rows, render_frames(scene, shown, settings.seed), counts)


def _left_out(scene: Scene, annotation: SceneAnnotation) -> dict[str, dict[str, int]]:
    """What a scan has and no question is about, counted by reason."""
    in_frames = {"hole in the mesh leaves open if visible": int(annotation.in_doubt.sum())}
    if annotation.doubts is not None:
        guessed = annotation.doubts[annotation.visible_pixels > 0]
        in_frames |= {reason: int((guessed == doubt).sum()) for doubt, reason in enumerate(DOUBTS) if doubt != SURE}
    in_frames = {reason: count for reason, count in in_frames.items() if count}
    found = {"instances": dict(scene.left_out), "instances in frames": in_frames}
    return {kind: counts for kind, counts in found.items() if counts}


def _raw_key(settings: GenerateSettings, name: str) -> str:
    parts = (VERSION, settings.source, settings.root, settings.seed, settings.frames, settings.view_sets,
             settings.questions, name)  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def ask(annotation: SceneAnnotation, settings: GenerateSettings) -> tuple[list[dict], dict[str, dict[str, int]]]:
    """All rows of a scene, without images; per question type the counts of what was proposed, rejected and kept."""
    name, seed = annotation.scene_name, settings.seed
    view_sets, turned_down = sample_view_sets(
        annotation.overlap, settings.view_sets, stage_rng(seed, name, "view_sets")
    )
    views = {view_set.frames: View(annotation, view_set) for view_set in view_sets}
    ledger, proposed = Ledger(), {}
    for task, propose in TASKS.items():
        rng = stage_rng(seed, name, task)
        for view in views.values():
            for question in propose(view, rng, ledger):
                proposed.setdefault(question.question_type, []).append(question)
    counts = {"view sets": {"kept": len(view_sets), **turned_down}}
    for (question_type, rule), count in sorted(ledger.counts.items()):
        counts.setdefault(question_type, {})[rule] = count
    rows = []
    for question_type, questions in sorted(proposed.items()):
        rng = stage_rng(seed, name, question_type, "select")
        if question_type in MATCHERS:
            closed = MATCHERS[question_type](questions, rng)
            with_options = {(question.group, question.text, question.truth) for question in closed}
            counts[question_type]["no_options_match"] = len(questions) - len(with_options)
            questions = closed
        kept = _rows_of_type(questions, views, settings.questions, rng)
        counts[question_type]["kept"] = len(kept)
        rows += kept
    return rows, counts


def _rows_of_type(questions: list[Question], views: dict[tuple, View], quota: int, rng) -> list[dict]:
    chosen = select(questions, quota, rng)
    if not chosen:
        return []
    if chosen[0].answer_format == "choice":
        letters = letter_order(len(chosen), 1 + len(chosen[0].distractors), rng)
    else:
        letters = [None] * len(chosen)
    return [
        build_row(views[question.frames], question, letter, rng)
        for question, letter in zip(chosen, letters, strict=True)
    ]


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
