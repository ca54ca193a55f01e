"""What `spatialmosaic evaluate` and `spatialmosaic view` do; the console command hands over their settings."""

from rich.console import Console
from rich.markdown import Markdown

from dataset_builder.settings import EvaluateSettings, ViewSettings


def run_evaluate(settings: EvaluateSettings) -> None:
    """Score the model, write scores.json and scores.md, and print the table."""
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
    )
    console = Console()
    console.print(Markdown(render_markdown(scores)))
    console.print(f"Scores: {settings.out / 'scores.json'}, {settings.out / 'scores.md'}")


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
