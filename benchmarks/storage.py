"""What a dataset folder costs to keep, to load and to publish again: `python -m benchmarks.storage`.

Scenes are made up (24 images of about 100 KB, 17 x 100 questions each): nothing here depends on what images show.
Prints and writes runs/bench/storage.json:

- bytes of each config over those of its unique images and text, and the same with 5,000 questions of one task a scene;
- per way of loading, seconds, disk and memory for 1,000 rows;
- streaming from a folder of one gigabyte: seconds to the first row, rows per second;
- bytes that the Hub need not be sent again when 5 % of the scenes change, and that configs share.
"""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import TASK_OF, build_completion, build_prompt, occ_level, overlap_level, row_id
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card


OUT = Path("runs/bench/storage")
FRAMES, PER_TYPE, GIGABYTE_SCENES = 24, 100, 70
# The Hub's storage cuts files where their content says so, into pieces of 8 to 128 KiB, 64 on average
MIN_PIECE, MAX_PIECE, PIECE_BITS = 2**13, 2**17, 16

LOADERS = {
    "load_dataset": "load_dataset(folder, 'object_count', split='train')",
    "load_dataset, streaming": "load_dataset(folder, 'object_count', split='train', streaming=True)",
    "dataset_builder.builder.load": "load(folder, 'object_count', split='train')",
}
# In a process of its own with an empty cache: seconds to have the rows, seconds to read 1,000 with their images
PROBE = """
import json, os, re, sys, time
from itertools import islice
from pathlib import Path
from datasets import load_dataset
from dataset_builder.builder import load
folder = sys.argv[1]
started = time.perf_counter()
rows = {loader}
first = next(iter(rows))
ready = time.perf_counter()
count = sum(len(row["images"]) > 1 for row in islice(rows, 1000))
done = time.perf_counter()
peak_kb = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps({{
    "first_row_s": round(ready - started, 2),
    "rows_per_s": round(count / (done - ready)),
    "peak_memory_mb": round(peak_kb / 1024),
}}), flush=True)
os._exit(0)  # a stream left before its end may abort the interpreter when it shuts down (apache/arrow 45214)
"""


def make_scene(number: int, per_type: int = PER_TYPE, kinds: tuple[str, ...] = tuple(TASK_OF)) -> SceneRows:
    """A scene of noise and of questions that nobody could answer."""
    rng = np.random.default_rng(number)
    name, images = f"room_{number:05d}", {}
    for k in range(FRAMES):
        noise = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).resize((640, 480))
        stream = io.BytesIO()
        noise.save(stream, "JPEG", quality=90)
        images[f"frame_{k:04d}"] = stream.getvalue()
    rows = [make_row(name, kind, k, sorted(images), rng) for kind in kinds for k in range(per_type)]
    return SceneRows(name, "train", rows, images)


def make_row(scene: str, kind: str, number: int, frames: list[str], rng: np.random.Generator) -> dict:
    shown = [str(frame) for frame in rng.choice(frames, rng.integers(2, 6), replace=False)]
    text, options = f"How many of the {number} objects are visible?", ["A. 4", "B. 3", "C. 2", "D. 1"]
    occlusion, overlap = float(rng.random()), 30 * float(rng.random())
    views = [{"frame": k + 1, "visible_pixels": int(rng.integers(9999)), "occlusion": occlusion} for k in range(3)]
    return {
        "id": row_id("procedural", scene, shown, kind, text),
        "dataset": "procedural",
        "domain": "indoor",
        "scene_name": scene,
        "task": TASK_OF[kind],
        "question_type": kind,
        "frames": shown,
        "question": text,
        "options": options,
        "mc_answer": "B",
        "ground_truth": "3",
        "answer_format": "choice",
        "overlap_avg": overlap,
        "occlusion_avg": occlusion,
        "truncation_avg": 0.0,
        "occ_level": occ_level(occlusion),
        "overlap_level": overlap_level(overlap),
        "vis_level": "Fully Visible",
        "gt_scenario": "Full Coverage",
        "bbox_2d": None,
        "bbox_2d_diag": None,
        "prompt": build_prompt(len(shown), text, options, "choice"),
        "completion": build_completion("B"),
        "evidence": json.dumps({"others": [{"instance_id": k, "views": views} for k in range(8)]}),
    }


def config_ratio(folder: Path, statistics: dict) -> float:
    """Largest ratio, over the configs, of bytes on disk to bytes of unique images; text counts as excess."""
    return max(
        sum(path.stat().st_size for path in (folder / "data" / config).iterdir()) / unique
        for config, unique in statistics["unique_image_bytes"].items()
    )


def probe(loader: str, folder: Path) -> dict:
    """Figures of one way of loading, in a fresh process with an empty cache."""
    cache = OUT / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(loader=loader), str(folder.absolute())],
        env={"PATH": "", "HF_HOME": str(cache.absolute()), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    disk = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file()) if cache.exists() else 0
    return json.loads(done.stdout.splitlines()[-1]) | {"cache_mb": round(disk / 1e6, 1)}


def pieces(data: bytes) -> dict[bytes, int]:
    """Hash and size of the pieces into which content-defined chunking (a gear hash) cuts `data`."""
    table = np.random.default_rng(0).integers(0, 2**64, 256, dtype=np.uint64)
    rolling = table[np.frombuffer(data, np.uint8)]
    for shift in (1, 2, 4, 8, 16, 32):  # after each, a value covers twice as many bytes
        rolling[shift:] += rolling[:-shift].copy() << np.uint64(shift)
    wanted = np.flatnonzero(rolling >> np.uint64(64 - PIECE_BITS) == 0) + 1
    found, start = {}, 0
    while start < len(data):
        after = wanted[np.searchsorted(wanted, start + MIN_PIECE) :][:1]
        end = min([*after.tolist(), start + MAX_PIECE, len(data)])
        found[hashlib.sha256(data[start:end]).digest()] = end - start
        start = end
    return found


def shared_bytes(folder: Path, known: dict[bytes, int]) -> tuple[int, int]:
    """Bytes of the Parquet files of a folder, and those of them that are in pieces already `known`, which grow."""
    total, shared = 0, 0
    for path in sorted(folder.rglob("*.parquet")):
        for piece, size in pieces(path.read_bytes()).items():
            total += size
            shared += size if piece in known else 0
            known[piece] = size
    return total, shared


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    figures: dict = {}

    folder = OUT / "spatialmosaic"
    statistics = write_dataset(folder, (make_scene(k) for k in range(20)))
    figures["config_bytes_over_unique_images"] = round(config_ratio(folder, statistics), 3)
    known: dict[bytes, int] = {}
    total, shared = shared_bytes(folder, known)
    figures["six_configs_share"] = round(shared / total, 3)
    changed = OUT / "changed" / "spatialmosaic"
    write_dataset(changed, (make_scene(k if k != 7 else 1007) for k in range(20)))
    total, shared = shared_bytes(changed, known)
    figures["revisions_share_with_5_percent_of_scenes_changed"] = round(shared / total, 3)

    many = OUT / "many" / "spatialmosaic"
    statistics = write_dataset(many, [make_scene(0, 5000, ("obj_count_occ",))])
    write_card(many)
    figures["config_bytes_over_unique_images_at_5000_questions_a_scene"] = round(config_ratio(many, statistics), 3)
    figures["loading_5000_questions_of_one_scene"] = {name: probe(loader, many) for name, loader in LOADERS.items()}

    one = OUT / "one" / "spatialmosaic"
    write_dataset(one, [make_scene(k, 1000 // 10, ("obj_count_occ",)) for k in range(10)])
    write_card(one)
    figures["loading_1000_rows_of_10_scenes"] = {name: probe(loader, one) for name, loader in LOADERS.items()}

    large = OUT / "large" / "spatialmosaic"
    write_dataset(large, (make_scene(k) for k in range(GIGABYTE_SCENES)))
    write_card(large)
    started = time.perf_counter()
    figures["streaming_from_gb"] = round(sum(p.stat().st_size for p in large.rglob("*.parquet")) / 1e9, 2)
    figures["streaming"] = probe(LOADERS["load_dataset, streaming"], large)
    sys.stderr.write(f"streamed in {time.perf_counter() - started:.1f} s\n")

    text = json.dumps(figures, indent=2)
    OUT.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    shutil.rmtree(OUT)


if __name__ == "__main__":
    main()
