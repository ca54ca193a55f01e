"""The one Blender of this process: starting it, emptying it, and reading what it renders.

`bpy` is a single global program, so only one scene is loaded at a time. It is imported on first use: most processes
never render with it.
"""

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from generation.scenes.base import SceneError


INNER_MODULES = os.path.join("scripts", "modules")
NOT_INSTALLED = (
    "The renderer 'blender' needs the package bpy. Run pip install --no-deps bpy==5.0.1 with Python 3.11 "
    "(docs/photoreal.md says why so), or use the renderer 'raycast'."
)


@contextmanager
def silenced() -> Iterator[None]:
    """Keep what C code prints off the terminal: Blender reports its sound card and every file that it saves."""
    streams, null = (1, 2), os.open(os.devnull, os.O_WRONLY)
    kept = [os.dup(stream) for stream in streams]
    try:
        for stream in streams:
            os.dup2(null, stream)
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # C keeps what it prints for later
        for stream, copy in zip(streams, kept, strict=True):
            os.dup2(copy, stream)
            os.close(copy)
        os.close(null)


def check_installed() -> None:
    """Raise [`SceneError`] where Blender is not installed."""
    if find_spec("bpy") is None:
        raise SceneError(NOT_INSTALLED)


def blender():
    """The module `bpy`.

    Raises:
        [`SceneError`]: it is not installed.
    """
    is_first = "bpy" not in sys.modules
    if is_first:
        # A child of a process with Blender inherits its path, on which an inner module of the same name lies
        sys.path[:] = [path for path in sys.path if not path.endswith(INNER_MODULES)]
    try:
        with silenced() if is_first else nullcontext():
            import bpy
    except ModuleNotFoundError as error:
        raise SceneError(NOT_INSTALLED) from error
    return bpy


def empty_scene():
    """A new, empty scene for Cycles on the CPU; whatever was loaded before is gone."""
    bpy = blender()
    with silenced():
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        scene.render.engine = "CYCLES"
        scene.cycles.device, scene.cycles.denoiser = "CPU", "OPENIMAGEDENOISE"
    # `workers` says how many processes share the machine, each with one thread
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.use_persistent_data = True
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    return scene


def rendered(scene) -> np.ndarray:
    """Render the scene as it is set up: linear values `(H, W, 4)`, `np.float32`, the first row on top."""
    bpy = blender()
    with tempfile.TemporaryDirectory(prefix="spatialmosaic_") as folder:
        scene.render.filepath = str(Path(folder) / "image.exr")
        with silenced():
            bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(scene.render.filepath)
        width, height = image.size
        values = np.zeros(width * height * 4, dtype=np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
    return values.reshape(height, width, 4)[::-1]
