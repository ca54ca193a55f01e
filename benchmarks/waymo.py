"""What a drive costs: `python -m benchmarks.waymo FIXTURE [--moments 199]`.

Writes a segment of the size of a real one under runs/bench/waymo, made of the moments of the segment in FIXTURE (a
folder with `training/`), one after the other: five cameras of 1920 x 1280 or 1920 x 886 pixels, a top lidar of
64 x 2650 and four others of 200 x 600 pixels, two returns each. Prints, and writes to runs/bench/waymo.json, the
processor time of each step, and the peak memory of the process that made them.
"""

import argparse
import json
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from generation.annotation.annotate import annotate_scene
from generation.audit.box_measures import measures_of
from generation.proposals import propose
from generation.scenes.checks import check_scene
from generation.scenes.waymo.source import WaymoSource
from generation.settings import GenerateSettings


OUT = Path("runs/bench/waymo")
SCALE = 3  # of the fixture's images
TOP_SHAPE, OTHER_SHAPE, OTHER_LASERS = (64, 2650), (200, 600), (2, 3, 4, 5)
PERIOD_US = 100_000
ROWS_PER_GROUP = 20
# The audit's plain code takes its time in proportion to them
AUDITED_MOMENTS = 10
TIME, LASER = "key.frame_timestamp_micros", "key.laser_name"
COMPONENTS = ("camera_box", "camera_calibration", "camera_image", "camera_to_lidar_box_association", "lidar_box",
              "lidar_calibration", "vehicle_pose")  # fmt: skip


def repeated(table: pa.Table, times: np.ndarray, first: int) -> pa.Table:
    """The rows of each of `times`, one moment after the other, `PERIOD_US` apart."""
    parts = []
    for k, timestamp in enumerate(times):
        rows = table.filter(pa.compute.equal(table[TIME], int(timestamp)))
        later = pa.array(np.full(len(rows), first + k * PERIOD_US, dtype=np.int64))
        parts.append(rows.set_column(rows.schema.get_field_index(TIME), TIME, later))
    return pa.concat_tables(parts)


def enlarged(table: pa.Table, class_name: str) -> pa.Table:
    """Numbers in pixels, for images `SCALE` times as wide."""
    for name in table.column_names:
        field = name.removeprefix(f"[{class_name}].")
        if field.startswith(("box.", "intrinsic.f", "intrinsic.c", "width", "height")):
            values = pa.array(table[name].to_numpy() * SCALE, table.schema.field(name).type)
            table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def write_ranges(source: Path, target: Path, times: np.ndarray, first: int, channels: int, lasers: tuple) -> None:
    """Range images of real size: the columns of the top lidar's are repeated, the others are empty."""
    table = pq.read_table(source)
    names = [name for name in table.column_names if name.endswith(".values")]
    target.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(target, table.schema, compression="zstd") as writer:
        rows = []
        for k, timestamp in enumerate(times):
            of_time = table.filter(pa.compute.equal(table[TIME], int(timestamp)))
            row = of_time.filter(pa.compute.equal(of_time[LASER], 1)).to_pylist()[0]
            row[TIME] = first + k * PERIOD_US
            other = dict(row)
            for name in names:
                shape = row[name.replace(".values", ".shape")]
                image = np.array(row[name], dtype=np.float32).reshape(shape)
                wide = image[:, np.arange(TOP_SHAPE[1]) * shape[1] // TOP_SHAPE[1]]
                row[name], row[name.replace(".values", ".shape")] = wide.ravel(), wide.shape
                empty = np.full((*OTHER_SHAPE, channels), -1, dtype=np.float32)
                other[name], other[name.replace(".values", ".shape")] = empty.ravel(), empty.shape
            rows += [row, *({**other, LASER: laser} for laser in lasers)]
            if len(rows) >= ROWS_PER_GROUP or k == len(times) - 1:
                writer.write_table(pa.Table.from_pylist(rows, table.schema))
                rows = []


def write_segment(fixture: Path, root: Path, moments: int) -> None:
    """The segment of real size."""
    paths = {path.parent.name: path for path in fixture.glob("training/*/*.parquet")}
    times = np.unique(pq.read_table(paths["vehicle_pose"])[TIME].to_numpy())
    times, first = times[np.arange(moments) * len(times) // moments], int(times[0])
    for component in COMPONENTS:
        table = pq.read_table(paths[component])
        table = table if TIME not in table.column_names else repeated(table, times, first)
        classes = {"camera_box": "CameraBoxComponent", "camera_calibration": "CameraCalibrationComponent"}
        table = enlarged(table, classes[component]) if component in classes else table
        target = root / "training" / component / paths[component].name
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, target, compression="zstd", row_group_size=200)
    for component, channels, lasers in (("lidar", 4, OTHER_LASERS), ("lidar_pose", 6, ())):
        target = root / "training" / component / paths[component].name
        write_ranges(paths[component], target, times, first, channels, lasers)


def measure(root: Path) -> dict[str, float]:
    """Processor seconds of each step, and the peak memory in MB after it."""
    found: dict[str, float] = {}

    def step(name: str, function, *arguments):
        started = time.process_time()
        result = function(*arguments)
        found[f"{name}_s"] = round(time.process_time() - started, 2)
        found[f"{name}_peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return result

    source = WaymoSource(root)
    scene = step("load", lambda: check_scene(source.load(source.scene_names()[0])))
    found |= {"frames": len(scene.frames), "objects": len(scene.drive.tracks.types)}
    annotation = step("annotate", annotate_scene, scene, 0)
    proposed = step("propose", propose, annotation, GenerateSettings(source="waymo", root=root))
    found["proposed"] = sum(rules.get("proposed", 0) for rules in proposed.counts.values())
    few = WaymoSource(root, frames=AUDITED_MOMENTS)
    scene = few.load(few.scene_names()[0])
    measures = measures_of(scene, 0)
    step(f"audit_{AUDITED_MOMENTS}_moments", measures.frame, scene.frames[0].frame_id)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixture", type=Path)
    parser.add_argument("--moments", type=int, default=199)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:  # its memory is not this one's
        alone.submit(write_segment, arguments.fixture, arguments.out, arguments.moments).result()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        found = alone.submit(measure, arguments.out).result()
    text = json.dumps({"moments": arguments.moments, **found}, indent=2)
    sys.stdout.write(text + "\n")
    arguments.out.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
