"""Scenes -> rows: every scene by itself, on any number of processes, then one dataset folder.

A scene's result depends on the settings and its own name alone, so neither the number of workers nor a stop and a
restart changes a byte. Every scene leaves its rows and images in the work folder; a run that finds them goes on there.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib.metadata import version
from multiprocessing import get_context

from dataset_builder.raw import RawScene, read_raw_scene, write_raw_scene
from dataset_builder.schema import SPLITS
from dataset_builder.writer import SceneRows, write_dataset
from generation.annotation.annotate import cached_annotation
from generation.annotation.scene_annotation import SceneAnnotation
from generation.balance import letter_order, select
from generation.rendering.renderer import SceneRenderer
from generation.rendering.tone import encode_jpeg
from generation.rng import stage_rng
from generation.rows import build_row
from generation.sampling import sample_view_sets
from generation.scenes import open_source
from generation.scenes.base import Scene, SceneError, check_scene
from generation.settings import GenerateSettings, SourceSettings
from generation.tasks import TASKS
from generation.tasks.base import Ledger, Question, View


# Part of every raw scene's key: raise it when the same settings give other rows or pixels
VERSION = 2
# Settings that rows and pixels depend on
SETTINGS_OF_THE_ROWS = ("source", "seed", "scenes", "frames", "view_sets", "questions")
# Shares of the scenes
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2


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
    names = open_source(settings).scene_names()
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
    splits = split_scenes(names, settings.seed)
    ordered = [name for name in names if name in done]
    for name in ordered:
        report.add(done[name])
    write_dataset(
        settings.out,
        (SceneRows(name, splits[name], done[name].rows, done[name].images) for name in ordered),
        run=run_record(settings),
        overwrite=settings.overwrite,
    )
    return report


def run_record(settings: GenerateSettings) -> dict:
    """How the rows came about, for `statistics.json` and the card: version, settings, command.

    Folders and workers stay out of it: no row depends on them.
    """
    made_by = {name: getattr(settings, name) for name in SETTINGS_OF_THE_ROWS}
    options = [f"--{name.replace('_', '-')} {value}" for name, value in made_by.items()]
    return {"version": version("spatialmosaic"), **made_by, "command": " ".join(["spatialmosaic generate", *options])}


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


def split_scenes(names: list[str], seed: int) -> dict[str, str]:
    """Assign every scene to a split at random: a tenth to validation and a fifth to test, at least one each.

    One scene alone is for training; of two, the second is the test split.
    """
    order = [names[k] for k in stage_rng(seed, "splits").permutation(len(names))]
    num_test = max(1, round(TEST_SHARE * len(names))) if len(names) > 1 else 0
    num_validation = max(1, round(VALIDATION_SHARE * len(names))) if len(names) > 2 else 0
    train, validation, test = SPLITS
    return {
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
    shown = sorted({frame for row in rows for frame in row["frames"]})
    return write_raw_scene(folder, key, rows, render_frames(scene, shown, settings.seed), counts)


def _raw_key(settings: GenerateSettings, name: str) -> str:
    parts = (VERSION, settings.source, settings.seed, settings.frames, settings.view_sets, settings.questions, name)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def ask(annotation: SceneAnnotation, settings: GenerateSettings) -> tuple[list[dict], dict[str, dict[str, int]]]:
    """All rows of a scene, without images; per question type the counts of what was proposed, rejected and kept."""
    name, seed = annotation.scene_name, settings.seed
    view_sets, turned_down = sample_view_sets(
        annotation.overlap, settings.view_sets, stage_rng(seed, name, "view_sets")
    )
    ledger, proposed = Ledger(), {}
    for task, propose in TASKS.items():
        rng = stage_rng(seed, name, task)
        for view_set in view_sets:
            view = View(annotation, view_set)
            for question in propose(view, rng, ledger):
                proposed.setdefault(question.question_type, []).append((view, question))
    counts = {"view sets": {"kept": len(view_sets), **turned_down}}
    for (question_type, rule), count in sorted(ledger.counts.items()):
        counts.setdefault(question_type, {})[rule] = count
    rows = []
    for question_type, candidates in sorted(proposed.items()):
        kept = _rows_of_type(question_type, candidates, settings, stage_rng(seed, name, question_type, "select"))
        counts[question_type]["kept"] = len(kept)
        rows += kept
    return rows, counts


def _rows_of_type(question_type, candidates: list[tuple[View, Question]], settings, rng) -> list[dict]:
    view_of = {id(question): view for view, question in candidates}
    chosen = select([question for _, question in candidates], settings.questions, rng)
    if not chosen:
        return []
    letters = letter_order(len(chosen), 1 + len(chosen[0].distractors), rng)
    return [
        build_row(view_of[id(question)], question, letter, rng)
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
