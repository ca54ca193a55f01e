"""What a dataset folder holds, counted while it is written; `statistics.json` and the card are made from it."""

import hashlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from dataset_builder.errors import DatasetError
from dataset_builder.reader import FORMAT, FORMAT_VERSION
from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import SPLITS, TASKS
from dataset_builder.whole import file_hash


LEVELS = ("occ_level", "overlap_level", "vis_level", "gt_scenario")


class Statistics:
    """Counts over the scenes of a run; the rules that span scenes are checked here too."""

    def __init__(self, run: dict):
        self.run = run
        self.split_of: dict[tuple[str, str], str] = {}
        # 64 bits of every id, so that memory hardly grows with the rows
        self.ids = array("Q")
        self.scenes_without_rows = 0
        self.sources: dict[str, Counter] = defaultdict(Counter)
        self.rows: Counter = Counter()  # by (task, question type, split)
        self.views: Counter = Counter()
        self.levels: dict[str, Counter] = {field: Counter() for field in LEVELS}
        self.levels_by_task: Counter = Counter()  # by (field, value, task, split)
        self.images: Counter = Counter()
        self.image_bytes: Counter = Counter()  # by task

    def add(self, scene: SceneRows) -> None:
        """Count a scene that keeps the rules for itself.

        Raises:
            [`DatasetError`]: if the scene came before.
        """
        if not scene.rows:
            self.scenes_without_rows += 1
            return
        source = self._check_scene(scene)
        self.split_of[source, scene.scene_name] = scene.split
        self.ids.extend(_hash(row["id"]) for row in scene.rows)
        self.sources[source].update(scenes=1, rows=len(scene.rows), scenes_with_pixels=bool(scene.images))
        shown: dict[str, set[str]] = defaultdict(set)
        for row in scene.rows:
            self.rows[row["task"], row["question_type"], scene.split] += 1
            self.views[len(row["frames"])] += 1
            shown[row["task"]].update(row["frames"])
            for field, values in self.levels.items():
                value = row[field] or "unknown"
                values[value] += 1
                self.levels_by_task[field, value, row["task"], scene.split] += 1
        if scene.images:
            for task, frames in shown.items():
                self.image_bytes[task] += sum(len(scene.images[frame_id]) for frame_id in frames)
            frames = set().union(*shown.values())
            self.images.update(count=len(frames), bytes=sum(len(scene.images[frame_id]) for frame_id in frames))

    def summary(self, folder: Path, files: Sequence[Path]) -> dict:
        """The content of `statistics.json` for the Parquet `files` in `folder`.

        Raises:
            [`DatasetError`]: rows of different scenes have the same id.
        """
        self._check_ids(files)
        types = [(task, question_type) for task, types in TASKS.items() for question_type in types]
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "run": self.run,
            "rows": self.rows.total(),
            "scenes": _by_split({split: list(self.split_of.values()).count(split) for split in SPLITS}),
            "scenes_without_rows": self.scenes_without_rows,
            "sources": {source: dict(counts) for source, counts in sorted(self.sources.items())},
            "configs": {
                task: _by_split({split: self._count(task=task, split=split) for split in SPLITS})
                for task in TASKS
                if self._count(task=task)
            },
            "question_types": {
                kind: _by_split({split: self.rows[task, kind, split] for split in SPLITS})
                for task, kind in types
                if any(self.rows[task, kind, split] for split in SPLITS)
            },
            "views": {str(size): count for size, count in sorted(self.views.items())},
            "levels": {field: dict(sorted(values.items())) for field, values in self.levels.items()},
            "levels_by_task": {
                field: {value: self._level(field, value) for value in sorted(values)}
                for field, values in self.levels.items()
            },
            # an image counts once here, and once for each config that shows it there
            "unique_images": {"count": self.images["count"], "bytes": self.images["bytes"]},
            "unique_image_bytes": {task: self.image_bytes[task] for task in TASKS if self._count(task=task)},
            "files": {
                path.relative_to(folder).as_posix(): {
                    "rows": pq.read_metadata(path).num_rows,
                    "bytes": path.stat().st_size,
                    "sha256": file_hash(path),
                }
                for path in files
            },
        }

    def _check_scene(self, scene: SceneRows) -> str:
        where = f"Scene {scene.scene_name!r}"
        sources = sorted({row["dataset"] for row in scene.rows})
        if len(sources) > 1:
            raise DatasetError(f"{where}: its rows name the sources {', '.join(sources)}. A scene has one source.")
        before = self.split_of.get((sources[0], scene.scene_name))
        if before is not None:
            raise DatasetError(
                f"{where} of {sources[0]!r} came twice: in split {before!r}, then in {scene.split!r}. "
                "A scene belongs to one split and is written once."
            )
        return sources[0]

    def _check_ids(self, files: Sequence[Path]) -> None:
        ids = np.frombuffer(self.ids, np.uint64)
        values, counts = np.unique(ids, return_counts=True)
        twice = set(values[counts > 1].tolist())
        if not twice:
            return
        found = defaultdict(set)
        for path in files:
            for row in pq.read_table(path, columns=["id", "scene_name"]).to_pylist():
                if _hash(row["id"]) in twice:
                    found[row["id"]].add(row["scene_name"])
        name = min(found)
        raise DatasetError(
            f"{len(twice)} row ids are used in more than one scene, {name!r} in {', '.join(sorted(found[name]))}. "
            "Make ids with `schema.row_id`."
        )

    def _level(self, field: str, value: str) -> dict[str, dict[str, int]]:
        """Rows with this value of a diagnostic field, by task and split."""
        by_task = {
            task: _by_split({split: self.levels_by_task[field, value, task, split] for split in SPLITS})
            for task in TASKS
        }
        return {task: counts for task, counts in by_task.items() if counts}

    def _count(self, task: str, split: str | None = None) -> int:
        return sum(n for key, n in self.rows.items() if key[0] == task and split in {None, key[2]})


def _by_split(counts: dict[str, int]) -> dict[str, int]:
    return {split: count for split, count in counts.items() if count}


def _hash(row_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(row_id.encode(), digest_size=8).digest(), "little")
