"""What scenes cost on one core: `python -m benchmarks.scenes [--rooms 4]`.

Prints, and writes to runs/bench/scenes.json with a plot beside it, medians over furnished rooms of at least 40
instances and 24 frames of 640 x 480 pixels (processor time of one process, so that other programs matter little):

- frames rendered, frames annotated, and frames rendered and annotated per second, the scene's own share included;
- rooms built per minute, and the peak memory of the process;
- seconds for one room against its number of frames, and against its number of instances, with the straight line that
  fits best and the share of the variance that it explains.
"""

import argparse
import json
import os
import platform
import re
import statistics
import time
from dataclasses import replace
from pathlib import Path


os.environ.setdefault("OMP_NUM_THREADS", "1")

import numba  # noqa: E402
import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from benchmarks.plot import draw_chart, fit_line  # noqa: E402
from generation.annotation.annotate import annotate_scene  # noqa: E402
from generation.rendering.renderer import SceneRenderer  # noqa: E402
from generation.rng import stage_rng  # noqa: E402
from generation.scenes.base import Scene  # noqa: E402
from generation.scenes.procedural.source import ProceduralSource  # noqa: E402


OUT = Path("runs/bench")
FRAMES, MIN_INSTANCES = 24, 40
FRAME_COUNTS, INSTANCE_COUNTS = (4, 8, 16, 24, 32), (5, 10, 20, 30, 40)


def seconds_of(function, *arguments) -> float:
    """Processor seconds of one call."""
    started = time.process_time()
    function(*arguments)
    return time.process_time() - started


def render(scene: Scene) -> None:
    """All frames of a scene, from the beginning."""
    renderer = SceneRenderer(scene)
    for frame in scene.frames:
        renderer.render(frame.camera, stage_rng(0, scene.scene_name, frame.frame_id))


def costs(scene: Scene) -> dict[str, float]:
    """Processor seconds to render and to annotate a scene."""
    return {"rendered": seconds_of(render, scene), "annotated": seconds_of(annotate_scene, scene, 0)}


def with_instances(scene: Scene, count: int) -> Scene:
    """The scene with its shell and only the first `count` of the instances that are asked about."""
    kept = [one for one in scene.instances if one.is_structure]
    kept += [one for one in scene.instances if not one.is_structure][:count]
    faces = np.isin(scene.mesh.face_instance, [0, *(one.instance_id for one in kept)])
    mesh = replace(scene.mesh, faces=scene.mesh.faces[faces], face_instance=scene.mesh.face_instance[faces])
    appearance = replace(scene.appearance, face_material=scene.appearance.face_material[faces])
    kept = tuple(sorted(kept, key=lambda one: one.instance_id))
    return replace(scene, instances=kept, mesh=mesh, appearance=appearance)


def asked(scene: Scene) -> int:
    """Number of instances that are asked about."""
    return sum(not one.is_structure for one in scene.instances)


def rooms_with_many(frames: int):
    """Rooms of at least `MIN_INSTANCES` instances, and the seconds that each took to build."""
    source = ProceduralSource(0, 1000, frames)
    for name in source.scene_names():
        started = time.process_time()
        scene = source.load(name)
        if asked(scene) >= MIN_INSTANCES:
            yield scene, time.process_time() - started


def growth(counts: tuple[int, ...], scenes: list[Scene]) -> dict:
    """Seconds for each of some scenes, with the lines that fit them."""
    found = [costs(scene) for scene in scenes]
    series = {name: [round(one[name], 3) for one in found] for name in found[0]}
    fits = {name: fit_line(counts, values) for name, values in series.items()}
    return {"counts": list(counts), "seconds": series} | {
        "fits": {
            name: {"seconds_each": round(slope, 4), "seconds_at_none": round(start, 3), "r_squared": round(share, 4)}
            for name, (slope, start, share) in fits.items()
        }
    }


def machine() -> dict:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*:\s*(.+)", text)
    return {
        "processor": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=4)
    given = parser.parse_args()
    found = machine()
    rooms = rooms_with_many(FRAMES)
    scene, _ = next(rooms)
    few = replace(scene, frames=scene.frames[:1])
    first_call = sum(costs(few).values()) - sum(costs(few).values())  # compiles, or loads what is compiled
    measured = []
    for _ in range(given.rooms):
        scene, built = next(rooms)
        measured.append(costs(scene) | {"built": built, "instances": asked(scene), "triangles": len(scene.mesh.faces)})

    def per_second(*stages: str) -> float:
        return round(statistics.median(FRAMES / sum(one[stage] for stage in stages) for one in measured), 2)

    long, _ = next(rooms_with_many(max(FRAME_COUNTS)))
    frames = growth(FRAME_COUNTS, [replace(long, frames=long.frames[:count]) for count in FRAME_COUNTS])
    short = replace(long, frames=long.frames[:FRAMES])
    instances = growth(INSTANCE_COUNTS, [with_instances(short, count) for count in INSTANCE_COUNTS])
    peak_kb = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))[1])
    figures = {
        "frames_per_second_per_core": per_second("rendered", "annotated"),
        "frames_rendered_per_second": per_second("rendered"),
        "frames_annotated_per_second": per_second("annotated"),
        "scenes_per_minute": round(60 / statistics.median(one["built"] for one in measured), 1),
        "peak_memory_mb": round(peak_kb / 1024),
        "first_call_seconds": round(first_call, 1),
        "against_frames": frames,
        "against_instances": instances,
        "rooms": measured,
        "machine": found,
        "settings": {"rooms": given.rooms, "frames": FRAMES, "size": [640, 480], "processes": 1},
    }
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=2)
    (OUT / "scenes.json").write_text(text + "\n", encoding="utf-8")
    charts = [
        draw_chart("Cost of a room", label, one["counts"], one["seconds"], "processor seconds")
        for label, one in (("frames", frames), (f"instances, in {FRAMES} frames", instances))
    ]
    picture = Image.new("RGB", (sum(chart.width for chart in charts), charts[0].height))
    for number, chart in enumerate(charts):
        picture.paste(chart, (number * chart.width, 0))
    picture.save(OUT / "scenes.png")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
