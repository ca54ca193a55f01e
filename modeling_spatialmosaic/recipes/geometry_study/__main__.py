"""Runs the study: data, pretraining, arms, report. A stage that is finished is not run again.

python -m modeling_spatialmosaic.recipes.geometry_study --size full --out runs/geometry_study --workers 16 --parallel 3

With `--arm vggt --seed 0` it runs one arm alone, whose base must be there; this is how it starts its own arms.
"""

import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS, StudySettings
from modeling_spatialmosaic.recipes.geometry_study.study import Study


def main(
    out: Annotated[Path, typer.Option(help="Folder of the study; a stopped run goes on there.")],
    size: Annotated[str, typer.Option(help="smoke, reduced or full; or a YAML file of settings.")] = "reduced",
    workers: Annotated[int, typer.Option(help="Processes that make scenes and photos.")] = 2,
    parallel: Annotated[int, typer.Option(help="Arms that are trained at the same time.")] = 1,
    arm: Annotated[str | None, typer.Option(help="Run this arm alone: vggt, pointmap or none.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the arm that is run alone.")] = 0,
) -> None:
    """Run the study, or one arm of it."""
    study = Study(StudySettings.load(size), out)
    if arm is not None:
        study.run_arm(arm, seed)
        return
    study.make_data(workers)
    study.pretrain()
    commands = [
        [sys.executable, "-m", __package__, "--out", str(out), "--size", size, "--arm", name, "--seed", str(number)]
        for number in study.settings.seeds
        for name in ARMS
        if not study.has_arm(name, number)
    ]
    # Arms share the cores
    threads = str(max(1, torch.get_num_threads() // parallel))
    with ThreadPoolExecutor(parallel) as pool:
        failed = [command for command, code in pool.map(lambda one: run(one, threads), commands) if code]
    if failed:
        raise SystemExit("These arms failed; their messages are above:\n" + "\n".join(map(shlex.join, failed)))
    study.report()


def run(command: list[str], threads: str) -> tuple[list[str], int]:
    """Run a command, and print it."""
    Console(soft_wrap=True).print("$ " + shlex.join(command))
    environment = os.environ | {"OMP_NUM_THREADS": threads, "TOKENIZERS_PARALLELISM": "false"}
    return command, subprocess.run(command, check=False, env=environment).returncode


if __name__ == "__main__":
    typer.run(main)
