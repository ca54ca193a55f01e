"""What the work folder holds of a run: scenes that are made, scenes that were set aside, and what is missing.

Nothing is believed for its name: a scene counts only if its proposals, the draw of its group and its rows were all
written under keys of the present settings, code and source files.
"""

from dataclasses import dataclass, field

from dataset_builder.raw import RawScene, read_counts
from generation.draw import asked_path, draw_key
from generation.make_scene import find_scene
from generation.plan import Plan
from generation.proposals import find_proposals
from generation.set_aside import reason_of
from generation.settings import GenerateSettings


@dataclass
class Finished:
    """Every scene of the plan is in one of `done`, `failed` and `missing`.

    Args:
        done (`dict[str, RawScene]`).
        failed (`dict[str, str]`): scenes that were set aside, with the reason.
        missing (`set[str]`).
        proposed (`dict[str, dict]`): of every scene that proposed something, the counts of its candidates.
    """

    done: dict[str, RawScene] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    proposed: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)


def find_finished(settings: GenerateSettings, plan: Plan) -> Finished:
    """Look up all scenes of the plan."""
    found = Finished()
    for group in plan.groups:
        for name in group:
            counts = find_proposals(settings, name)
            if counts is not None:
                found.proposed[name] = counts
        drawn = tuple(name for name in group if name in found.proposed)
        key = draw_key(settings, drawn)
        for name in group:
            scene = _find_drawn(settings, name, key) if name in drawn else None
            if scene is not None:
                found.done[name] = scene
            elif (reason := reason_of(settings, name)) is not None:
                found.failed[name] = reason
            else:
                found.missing.add(name)
    return found


def _find_drawn(settings: GenerateSettings, name: str, key: str) -> RawScene | None:
    """The scene made of the questions that were drawn under `key`."""
    path = asked_path(settings, name)
    return find_scene(settings, name, path.read_bytes()) if read_counts(path.parent, key) is not None else None
