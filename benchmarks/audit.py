"""The audit over many questions: `python -m benchmarks.audit [--scenes 40] [--questions 60] [--view-sets 160]`.

Makes a dataset of procedural scenes without rendering them, which an audit does not need, into runs/bench/audit and
audits it. Ends as `spatialmosaic audit` does: with an error if anything does not hold.
"""

import argparse
import logging
import shutil
import time
from collections import Counter
from pathlib import Path

from dataset_builder.writer import SceneRows, write_dataset
from generation.annotation.annotate import annotate_scene
from generation.audit.audit import run_audit
from generation.audit.settings import AuditSettings
from generation.pipeline import RunReport, ask, run_record, split_scenes
from generation.scenes import open_source
from generation.settings import GenerateSettings


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("scenes", 40), ("questions", 60), ("view_sets", 160), ("seed", 0)):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    settings = GenerateSettings(out=Path("runs/bench/audit"), **vars(parser.parse_args()))
    shutil.rmtree(settings.out, ignore_errors=True)
    started = time.perf_counter()
    source, report, scenes = open_source(settings), RunReport(), []
    splits = split_scenes(source.scene_names(), settings.seed)
    for name in source.scene_names():
        rows, counts = ask(annotate_scene(source.load(name), settings.seed), settings)
        for kind, found in counts.items():
            report.counts.setdefault(kind, Counter()).update(found)
        scenes.append(SceneRows(name, splits[name], rows, {}))
    write_dataset(settings.out, scenes, run=run_record(settings, report))
    logging.info("made in %.0f s", time.perf_counter() - started)
    started = time.perf_counter()
    try:
        run_audit(AuditSettings(folder=settings.out))
    finally:
        logging.info("audited in %.0f s", time.perf_counter() - started)


if __name__ == "__main__":
    main()
