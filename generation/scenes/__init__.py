"""Scene sources, by the name under which the command line knows them. A further source is one file and one line."""

from collections.abc import Callable

from generation.scenes.base import SceneError, SceneSource
from generation.scenes.posed_rgbd import PosedRgbdSource
from generation.scenes.procedural.source import ProceduralSource
from generation.scenes.scannetpp import ScannetppSource
from generation.scenes.streets.source import StreetSource
from generation.scenes.waymo.source import WaymoSource
from generation.settings import SourceSettings


SOURCES: dict[str, Callable[[SourceSettings], SceneSource]] = {
    "procedural": lambda settings: ProceduralSource(
        settings.seed,
        settings.scenes or 8,
        settings.frames or 24,
        clutter=settings.clutter,
        assets=settings.assets,
        kinds=None if settings.rooms is None else [kind.strip() for kind in settings.rooms.split(",")],
    ),
    "streets": lambda settings: StreetSource(settings.seed, settings.scenes or 8, settings.frames or 24),
    "posed_rgbd": lambda settings: PosedRgbdSource(settings.root, settings.scenes, settings.frames),
    "scannetpp": lambda settings: ScannetppSource(settings.root, settings.scenes, settings.frames),
    "waymo": lambda settings: WaymoSource(settings.root, settings.scenes, settings.frames),
}


def open_source(settings: SourceSettings) -> SceneSource:
    """The source that `settings.source` names.

    Raises:
        [`SceneError`]: there is no such source, or it cannot be opened.
    """
    if settings.source not in SOURCES:
        raise SceneError(f"Unknown source {settings.source!r}. Use one of: {', '.join(SOURCES)}.")
    return SOURCES[settings.source](settings)
