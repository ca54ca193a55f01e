"""Frames rendered per second on one core: `python -m benchmarks.render [rooms] [frames per room]`."""

import os
import sys
import time


os.environ.setdefault("OMP_NUM_THREADS", "1")

from generation.rendering.renderer import SceneRenderer  # noqa: E402
from generation.rng import stage_rng  # noqa: E402
from generation.scenes.procedural.source import ProceduralSource  # noqa: E402


def main(rooms: int = 3, frames: int = 8) -> None:
    source = ProceduralSource(0, rooms, frames)
    for name in source.scene_names():
        scene = source.load(name)
        start = time.perf_counter()
        renderer = SceneRenderer(scene)
        ready = time.perf_counter()
        for frame in scene.frames:
            renderer.render(frame.camera, stage_rng(0, name, frame.frame_id))
        seconds = (time.perf_counter() - ready) / frames
        print(  # noqa: T201
            f"{name}: {len(scene.mesh.faces)} triangles, {len(scene.appearance.lights)} lights; "
            f"set up {ready - start:.2f} s; {seconds:.2f} s a frame, {1 / seconds:.2f} frames/s"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
