"""What `spatialmosaic evaluate`, `compare` and `view` do; the console command hands over their settings."""

import json

from rich.console import Console
from rich.markdown import Markdown

from dataset_builder.settings import CompareSettings, EvaluateSettings, ViewSettings


def run_evaluate(settings: EvaluateSettings) -> None:
    """Score the model, write its scores, and print the table."""
    # Imported here: `spatialmosaic view` needs no PyTorch
    from dataset_builder.bench.report import render_markdown
    from dataset_builder.bench.run import evaluate

    scores = evaluate(
        settings.model,
        settings.dataset,
        settings.out,
        split=settings.split,
        limit=settings.limit,
        batch_size=settings.batch_size,
        seed=settings.seed,
        controls=[name.strip() for name in settings.controls.split(",") if name.strip()],
        trust_remote_code=settings.trust_remote_code,
        images_root=settings.images_root,
        base_url=settings.base_url,
        max_new_tokens=settings.max_new_tokens,
    )
    console = Console()
    console.print(Markdown(render_markdown(scores)))
    console.print(f"Scores: {settings.out / 'scores.json'}, scores.md and scores.png beside it")


def run_compare(settings: CompareSettings) -> None:
    """Print the comparison, and write it if asked to."""
    from dataset_builder.bench.compare import compare, render_comparison
    from dataset_builder.bench.report import write_text

    comparison = compare(settings.a, settings.b, seed=settings.seed)
    console = Console()
    console.print(Markdown(render_comparison(comparison)))
    if settings.out:
        write_text(settings.out, json.dumps(comparison, indent=2) + "\n")
        console.print(f"Comparison: {settings.out}")


def run_view(settings: ViewSettings) -> None:
    """Write the page and print where it is."""
    from dataset_builder.viewer import write_page

    write_page(
        settings.dataset,
        settings.out,
        config=settings.task,
        split=settings.split,
        limit=settings.limit,
        images_root=settings.images_root,
    )
    Console().print(f"Open in a browser: {settings.out}")
