"""Tables in Markdown, and how a card reaches its folder."""

import os
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import RepoCard

from dataset_builder.reader import CARD_FILE


ABSENT = "–"


def table(header: Sequence[str], rows: Sequence[Sequence], labels: int = 1) -> str:
    """A Markdown table: the first `labels` columns hold words, the others numbers, which stand at the right.

    A whole number gets its thousands separated, `None` becomes a dash.
    """
    rule = ["---"] * labels + ["---:"] * (len(header) - labels)
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in (header, rule, *rows))


def _cell(value) -> str:
    if value is None:
        return ABSENT
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|").replace("\n", " ")


def code(names: Sequence[str]) -> str:
    """Names in code type, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


def save(card: RepoCard, folder: Path) -> Path:
    """Write a card as the README.md of its folder, whole or not at all, and return its path."""
    path, partial = folder / CARD_FILE, folder / f".{CARD_FILE}.partial"
    try:
        partial.write_text(f"{card}\n", encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path
