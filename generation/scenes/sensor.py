"""What a depth sensor and an annotator say of each pixel of a frame."""

from pathlib import Path

import numpy as np
from PIL import Image

from generation.scenes.base import Frame, SceneError


def read_depth(frame: Frame) -> np.ndarray:
    """The sensor's depth at every pixel of the photo `(H, W)`, metres along camera Z, 0 where it has none."""
    camera, depth_mm = frame.camera, _read(frame.depth_path)
    rows = (np.arange(camera.height) * depth_mm.shape[0]) // camera.height
    columns = (np.arange(camera.width) * depth_mm.shape[1]) // camera.width
    return depth_mm[rows][:, columns] / 1000.0


def read_instances(frame: Frame) -> np.ndarray:
    """Id of the instance that every pixel of the photo shows, `int64` of shape `(H, W)`, 0 where it shows none."""
    return _read(frame.instance_path).astype(np.int64)


def _read(path: Path) -> np.ndarray:
    try:
        with Image.open(path, formats=("PNG",)) as stored:
            values, mode = np.array(stored), stored.mode
    except (OSError, SyntaxError, ValueError) as error:
        raise SceneError(f"{path} is not readable as a PNG ({error}). It is damaged; copy it again.") from error
    if values.ndim != 2:
        raise SceneError(f"{path} is a PNG of mode {mode}. It must have one channel of whole numbers.")
    return values
