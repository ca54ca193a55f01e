"""What making questions costs on one core: `python -m benchmarks.data [--scenes 6]`.

Prints, and writes to runs/bench/data.json, medians over the scenes and sums over all steps (processor time, so that
other programs matter little):

- rooms built, frames annotated and frames rendered per second;
- questions per second from annotated scenes to Parquet, and what each of the four steps takes of it;
- core-hours for three million questions: scenes are built, annotated and rendered once, questions are written once;
- for half and all of the questions and of the scenes, the peak memory of a process and the seconds that it needs.
"""

import argparse
import json
import re
import shutil
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from dataset_builder.raw import scene_folder, write_raw_scene
from dataset_builder.writer import SceneRows, write_dataset
from generation.annotation.annotate import annotate_scene, cached_annotation
from generation.balance import select
from generation.draw import asked_path, draw_group
from generation.make_scene import build_rows, render_frames
from generation.proposals import propose, propose_scene
from generation.question_files import unpack
from generation.scenes import open_source
from generation.settings import GenerateSettings
from generation.tasks.proposed import ASKED, PROPOSAL, Balance


OUT = Path("runs/bench/data")
RENDERED_FRAMES = 4
TARGET_QUESTIONS = 3_000_000


def timed(function, *arguments):
    """Result and seconds of processor time of one call."""
    started = time.process_time()
    result = function(*arguments)
    return result, time.process_time() - started


def scene_costs(settings: GenerateSettings) -> dict[str, float]:
    """Medians of what a scene needs once; leaves annotations and proposals in the work folder."""
    source, rates = open_source(settings), {"built": [], "annotated": [], "rendered": []}
    for name in source.scene_names():
        scene, seconds = timed(source.load, name)
        rates["built"].append(1 / seconds)
        _, seconds = timed(annotate_scene, scene, settings.seed)
        rates["annotated"].append(len(scene.frames) / seconds)
        shown = [frame.frame_id for frame in scene.frames[:RENDERED_FRAMES]]
        _, seconds = timed(render_frames, scene, shown, settings.seed)
        rates["rendered"].append(len(shown) / seconds)
        propose_scene(settings, name)
    return {name: statistics.median(values) for name, values in rates.items()}


def write_questions(settings: GenerateSettings) -> dict[str, float]:
    """Processor seconds of every step from annotated scenes to Parquet, the questions, and the peak memory in MB."""
    source = open_source(settings)
    names, annotations = tuple(source.scene_names()), {}
    for name in names:
        folder = settings.work_dir / "annotations"
        annotations[name] = cached_annotation(source.load(name), settings.seed, folder)
        propose_scene(settings, name)
    # what compiled code needs once in a process is no question's
    select(np.zeros(1, PROPOSAL), Balance(), 1, np.random.default_rng(0))
    seconds = dict.fromkeys(("propose", "draw", "rows", "write"), 0.0)

    def note(step: str, function, *arguments):
        result, spent = timed(function, *arguments)
        seconds[step] += spent
        return result

    raw = {}
    for annotation in annotations.values():
        proposed = note("propose", propose, annotation, settings)
        note("propose", proposed.files)
    note("draw", draw_group, settings, names)
    for name, annotation in annotations.items():
        path = asked_path(settings, name)
        rows = note("rows", lambda a=annotation, p=path: build_rows(a, unpack(p.read_bytes(), p, ASKED), 0))
        folder = scene_folder(settings.work_dir, name)
        raw[name] = note("rows", write_raw_scene, folder, settings.out.name, rows, {}, {})
    scenes = (SceneRows(name, "train", scene.rows, {}) for name, scene in raw.items())
    written = note("write", lambda: write_dataset(settings.out, scenes, overwrite=True))
    peak_kb = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))[1])
    return seconds | {"questions": written["rows"], "peak_memory_mb": round(peak_kb / 1024)}


def in_new_process(settings: GenerateSettings, annotations: Path) -> dict[str, float]:
    """`write_questions` of scenes whose annotations are in a folder."""
    shutil.copytree(annotations, settings.work_dir / "annotations", dirs_exist_ok=True)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(write_questions, settings).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=6)
    given = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    whole = GenerateSettings(out=OUT / "scenes", scenes=given.scenes, questions=120, pixels=False)
    rates = scene_costs(whole)
    runs = {
        name: in_new_process(replace(whole, out=OUT / name, **other), whole.work_dir / "annotations")
        for name, other in (
            ("all", {}),
            ("half the questions", {"questions": 60}),
            ("half the scenes", {"scenes": given.scenes // 2}),
        )
    }
    steps = {step: runs["all"][step] / runs["all"]["questions"] for step in ("propose", "draw", "rows", "write")}
    frames = len(open_source(whole).load(open_source(whole).scene_names()[0]).frames)
    scene_s = 1 / rates["built"] + frames * (1 / rates["annotated"] + 1 / rates["rendered"])
    scenes = TARGET_QUESTIONS * given.scenes / runs["all"]["questions"]
    figures = {
        "rooms_built_per_second": round(rates["built"], 2),
        "frames_annotated_per_second": round(rates["annotated"], 2),
        "frames_rendered_per_second": round(rates["rendered"], 2),
        "questions_per_second": round(1 / sum(steps.values())),
        "microseconds_per_question": {step: round(1e6 * seconds) for step, seconds in steps.items()},
        "questions_per_scene": round(runs["all"]["questions"] / given.scenes),
        "core_hours_for_3_million": {
            "scenes": round(scenes * scene_s / 3600, 1),
            "scenes without pixels": round(scenes * (scene_s - frames / rates["rendered"]) / 3600, 1),
            "questions": round(TARGET_QUESTIONS * sum(steps.values()) / 3600, 2),
        },
        "runs": {
            name: {
                "questions": run["questions"],
                "seconds": round(sum(run[step] for step in steps), 2),
                "peak_memory_mb": run["peak_memory_mb"],
            }
            for name, run in runs.items()
        },
    }
    text = json.dumps(figures, indent=2)
    OUT.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    shutil.rmtree(OUT)


if __name__ == "__main__":
    main()
