"""`spatialmosaic demo`: the whole chain at a size for a laptop."""

import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import yaml
from rich.console import Console
from rich.markdown import Markdown

from dataset_builder.contact_sheet import contact_sheet
from dataset_builder.reader import load_rows
from generation.commands import run_generate
from generation.settings import GenerateSettings
from hub_cards.model_card import write_model_card
from spatialmosaic_cli.errors import CommandError
from spatialmosaic_cli.settings import DemoSettings


def run_demo(settings: DemoSettings) -> None:
    """Make everything below `settings.out`, and print the scores and the paths."""
    console, out = Console(), settings.out
    dataset, initial, model = out / "spatialmosaic", out / "model_init", out / "model"
    recipe = out / "training.yaml"
    started = time.monotonic()

    def step(title: str) -> None:
        console.rule(f"{title}  [dim]({time.monotonic() - started:.0f} s)[/dim]", align="left")

    step("1/5 Rooms, views and questions")
    run_generate(
        GenerateSettings(
            out=dataset,
            seed=settings.seed,
            scenes=settings.scenes,
            frames=settings.frames,
            questions=settings.questions,
            workers=settings.workers,
            overwrite=True,
        )
    )
    step("2/5 Contact sheet")
    contact_sheet(dataset, out / "contact_sheet.png")

    step("3/5 A tiny model with random weights")
    # Imported here: PyTorch takes seconds to load, and the steps above do without it
    from modeling_spatialmosaic.tiny import create_tiny_model

    create_tiny_model(training_texts(dataset), initial, seed=settings.seed)

    step("4/5 Training with stock TRL")
    write_recipe(recipe, dataset, initial, model, settings)
    train(recipe)

    step("5/5 Scores")
    from dataset_builder.bench.report import render_markdown
    from dataset_builder.bench.run import evaluate

    scores = evaluate(str(model), dataset, out, trust_remote_code=True)
    write_model_card(model, out / "scores.json", recipe, license="apache-2.0")
    console.print(Markdown(render_markdown(scores)))
    console.rule(f"Done in {time.monotonic() - started:.0f} s", align="left")
    for path, what in (
        (dataset, 'dataset: cd there\'s parent, then load_dataset("spatialmosaic")'),
        (model, "trained model, with its card"),
        (recipe, "how it was trained"),
        (out / "scores.json", "scores"),
        (out / "scores.md", "scores to read"),
        (out / "scores.png", "scores to look at"),
        (out / "contact_sheet.png", "one question of each task"),
    ):
        console.print(f"{path}  [dim]{what}[/dim]")


def training_texts(dataset: Path) -> list[str]:
    """Questions and options of the train split, for the tokenizer."""
    rows = load_rows(dataset, split="train", columns=["question", "options"])
    return [text for row in rows for text in (row["question"], *row["options"])]


def write_recipe(path: Path, dataset: Path, initial: Path, output: Path, settings: DemoSettings) -> None:
    """The recipe `sft_tiny_cpu.yaml` with the demo's folders and settings."""
    recipe = files("modeling_spatialmosaic") / "recipes" / "sft_tiny_cpu.yaml"
    options = yaml.safe_load(recipe.read_text(encoding="utf-8")) | {
        "dataset_name": str(dataset),
        "model_name_or_path": str(initial),
        "output_dir": str(output),
        "max_steps": settings.steps,
        "seed": settings.seed,
    }
    path.write_text(yaml.safe_dump(options, sort_keys=False), encoding="utf-8")


def train(recipe: Path) -> None:
    """Run a recipe by the stock `trl` command."""
    command = [str(Path(sys.executable).with_name("trl")), "sft", "--config", str(recipe)]
    if subprocess.run(command, check=False).returncode:
        raise CommandError(f"Training failed; its messages are above. The command was: {' '.join(command)}")
