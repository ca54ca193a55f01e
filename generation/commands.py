"""What `spatialmosaic generate` and `spatialmosaic annotate` do; the console command hands over their settings."""

from collections import Counter

from rich.console import Console
from rich.table import Table

from dataset_builder.progress import progress_bar
from generation.annotation.annotate import annotate_scene
from generation.annotation.table import write_table
from generation.pipeline import STEPS_PER_SCENE, generate, run_step
from generation.scenes import open_source
from generation.scenes.base import SceneError
from generation.scenes.checks import check_scene
from generation.settings import AnnotateSettings, GenerateSettings
from hub_cards.dataset_card import write_card


def run_generate(settings: GenerateSettings) -> None:
    """Make the dataset folder and print what was proposed, kept and turned down."""
    steps = STEPS_PER_SCENE * len(open_source(settings).scene_names())
    with progress_bar("Generating", steps, "scene steps") as advance:
        report = generate(settings, on_step=advance)
    write_card(settings.out)
    Console().print(reject_table(report.counts), f"Dataset: {settings.out}", sep="\n")
    raise_for_failed(report.failed)


def run_annotate(settings: AnnotateSettings) -> None:
    """Write one table for every scene."""
    names = open_source(settings).scene_names()
    failed = {}
    with progress_bar("Annotating", len(names), "scenes") as advance:
        for name, result in run_step(annotate_to_table, settings, names):
            if isinstance(result, str):
                failed[name] = result
            advance(1)
    Console().print(f"Tables of {len(names) - len(failed)} scenes: {settings.out}")
    raise_for_failed(failed)


def annotate_to_table(settings: AnnotateSettings, name: str) -> None:
    """Annotate one scene, structure included, and write its table."""
    scene = check_scene(open_source(settings).load(name))
    write_table(annotate_scene(scene, settings.seed, with_structure=True), settings.out)


def reject_table(counts: dict[str, Counter]) -> Table:
    """Per question type: candidates proposed and kept, and how many each rule turned down."""
    table = Table("question type", "proposed", "kept", "turned down", title="Candidates")
    for question_type, found in sorted(counts.items()):
        rules = sorted((rule, n) for rule, n in found.items() if rule not in ("proposed", "kept"))
        turned_down = ", ".join(f"{rule} {n:,}" for rule, n in rules)
        table.add_row(question_type, f"{found['proposed']:,}", f"{found['kept']:,}", turned_down)
    return table


def raise_for_failed(failed: dict[str, str]) -> None:
    """Raise [`SceneError`] that lists the scenes set aside, so that the command does not end as if all were well."""
    if failed:
        lines = "\n".join(f"  {name}: {reason}" for name, reason in sorted(failed.items()))
        raise SceneError(f"Scenes that were set aside, and why:\n{lines}")
