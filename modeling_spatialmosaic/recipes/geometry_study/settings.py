"""Settings of the study: one YAML file for each size, a section for each stage."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from pathlib import Path

import yaml

from dataset_builder.schema import TASK_OF


ARMS = ("vggt", "pointmap", "none")
SIZES = ("smoke", "reduced", "full")


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """Scenes and questions, and the small photos with the truth behind them.

    Args:
        seed (`int`): of the scenes and of what is drawn from them.
        scenes, frames, view_sets, questions (`int`), rooms (`str`): as in `spatialmosaic generate`.
        photo_scenes, photo_frames (`int`): more scenes of the train split, with so many photos each and no questions,
            from which the pretraining learns.
        question_types (`list[str]`): types that are trained and asked; empty for all.
        max_views (`int`): questions about more views are left out.
        image_size (`int`): width of the photos in pixels; they are three quarters as high.
        patch_size (`int`): of both towers.
    """

    seed: int
    rooms: str | None
    scenes: int
    frames: int
    view_sets: int
    questions: int
    photo_scenes: int
    photo_frames: int
    question_types: list[str]
    max_views: int
    image_size: int
    patch_size: int

    def __post_init__(self):
        unknown = set(self.question_types) - set(TASK_OF)
        if unknown:
            raise ValueError(f"`question_types` holds no such types: {', '.join(sorted(unknown))}.")
        if self.image_size % (4 * self.patch_size):
            raise ValueError(
                f"`image_size` must be a multiple of four patches of {self.patch_size} pixels, so that the height is "
                f"one of three; got {self.image_size}."
            )

    @property
    def height(self) -> int:
        """Height of the photos in pixels."""
        return self.image_size * 3 // 4


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long something is trained.

    Args:
        steps, batch_size (`int`): in photos, scenes or conversations, whatever is trained.
        learning_rate (`float`): at its highest, after a tenth of the steps; it falls to zero as a cosine.
    """

    steps: int
    batch_size: int
    learning_rate: float


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """
    All settings.

    Args:
        data ([`DataSettings`]).
        vision, geometry, text (`dict`): sizes of the vision tower, of VGGT and of the language model; see `build.py`.
        list_budget, tour_budget, vision_budget, geometry_budget, alignment_budget, photo_budget, space_budget,
            answer_budget ([`Budget`]): of what is trained, in this order. The last two are those of every arm.
        seeds (`list[int]`): of the arms.
        limit (`int`): test questions of each type.
        score_batch_size (`int`): questions answered at a time.
    """

    data: DataSettings
    vision: dict
    geometry: dict
    text: dict
    list_budget: Budget
    tour_budget: Budget
    vision_budget: Budget
    geometry_budget: Budget
    alignment_budget: Budget
    photo_budget: Budget
    space_budget: Budget
    answer_budget: Budget
    seeds: list[int]
    limit: int
    score_batch_size: int

    @classmethod
    def load(cls, size: str | Path) -> "StudySettings":
        """Read the settings of one of `SIZES`, or of a YAML file."""
        path = files(__package__) / f"{size}.yaml" if size in SIZES else Path(size)
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = {field.name for field in fields(cls)}
        if set(values) != known:
            wrong = ", ".join(sorted(known ^ set(values)))
            raise ValueError(f"{path} must hold each setting of the study once; missing or unknown: {wrong}.")
        values["data"] = DataSettings(**values["data"])
        for name in known:
            if name.endswith("_budget"):
                values[name] = Budget(**values[name])
        return cls(**values)

    def key(self, *sections: str) -> str:
        """Stands for these sections: what a stage depends on."""
        values = asdict(self)
        return hashlib.sha256(json.dumps([values[name] for name in sections], sort_keys=True).encode()).hexdigest()
