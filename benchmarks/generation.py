"""How fast the generator is on one core: `python -m benchmarks.generation [--scenes 3]`.

Prints medians over scenes: rooms built, frames annotated, questions proposed, frames rendered per second; and the
bytes of Parquet over the bytes of the unique images, for one config (the largest such ratio) and for all six together,
each of which stores the images that it shows. Writes runs/bench/generation.json.
"""

import argparse
import json
import shutil
import statistics
import sys
import time
from pathlib import Path

from dataset_builder.writer import SceneRows, write_dataset
from generation.annotation.annotate import annotate_scene
from generation.draw import draw_group
from generation.pipeline import make_scene, render_frames
from generation.proposals import propose, propose_scene
from generation.scenes import open_source
from generation.settings import GenerateSettings


def timed(function, *arguments):
    """Result and seconds of one call."""
    started = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=3)
    out = Path("runs/bench")
    settings = GenerateSettings(out=out / "spatialmosaic", scenes=parser.parse_args().scenes, pixels=False)
    shutil.rmtree(out, ignore_errors=True)
    source = open_source(settings)
    names = tuple(source.scene_names())
    rates, loaded = {}, {}

    def note(key: str, count: int, seconds: float) -> None:
        rates.setdefault(key, []).append(count / seconds)

    for name in names:
        scene, seconds = timed(source.load, name)
        note("rooms_built_per_second", 1, seconds)
        annotation, seconds = timed(annotate_scene, scene, settings.seed)
        note("frames_annotated_per_second", len(scene.frames), seconds)
        (proposed, _), seconds = timed(propose, annotation, settings)
        note("questions_proposed_per_second", sum(map(len, proposed.values())), seconds)
        propose_scene(settings, name)
        loaded[name] = scene
    _, draw_s = timed(draw_group, settings, names)
    scenes, image_bytes = [], 0
    for name, scene in loaded.items():
        rows = make_scene(settings, name).rows
        shown = sorted({frame for row in rows for frame in row["frames"]})
        images, seconds = timed(render_frames, scene, shown, settings.seed)
        note("frames_rendered_per_second", len(images), seconds)
        image_bytes += sum(map(len, images.values()))
        scenes.append(SceneRows(name, "train", rows, images))
    statistics_of_run, write_s = timed(write_dataset, settings.out, scenes)
    num_rows = sum(len(scene.rows) for scene in scenes)
    config_bytes = {
        config: sum(path.stat().st_size for path in (settings.out / "data" / config).iterdir())
        for config in statistics_of_run["unique_image_bytes"]
    }
    figures = {key: round(statistics.median(values), 2) for key, values in rates.items()}
    figures |= {
        "questions_drawn_per_second": round(num_rows / draw_s, 1),
        "rows_written_per_second": round(num_rows / write_s, 1),
        "questions": num_rows,
        "config_bytes_over_its_unique_image_bytes": round(
            max(config_bytes[config] / unique for config, unique in statistics_of_run["unique_image_bytes"].items()), 3
        ),
        "folder_bytes_over_unique_image_bytes": round(sum(config_bytes.values()) / image_bytes, 3),
    }
    text = json.dumps(figures, indent=2)
    (out / "generation.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
