"""Scenes that cannot be used: the reason of each, kept in the work folder for the merge.

<work folder>/set_aside/<key of the scene and its settings>.txt
"""

import hashlib
from pathlib import Path

from dataset_builder.whole import write_file
from generation.proposals import proposals_key
from generation.scenes.base import SceneError
from generation.settings import GenerateSettings


def set_aside(settings: GenerateSettings, name: str, reason: str) -> None:
    """Keep the reason why a scene cannot be used. The next run tries the scene again all the same."""
    write_file(_path(settings, name), reason.encode())


def reason_of(settings: GenerateSettings, name: str) -> str | None:
    """Why the scene was set aside under these settings, or `None` when it was not."""
    path = _path(settings, name)
    return path.read_text(encoding="utf-8") if path.exists() else None


def _path(settings: GenerateSettings, name: str) -> Path:
    try:
        state = proposals_key(settings, name)
    except SceneError as error:  # the scene has no folder that could be looked at
        state = f"{name}: {error}"
    key = hashlib.sha256(repr((state, settings.pixels)).encode()).hexdigest()[:16]
    return settings.work_dir / "set_aside" / f"{key}.txt"
