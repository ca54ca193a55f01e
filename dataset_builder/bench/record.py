"""The replies of a run, kept as they come, so that a run that was stopped goes on where it was."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from dataset_builder.errors import DatasetError


FOLDER = "asked"


class ReplyRecord:
    """
    Replies by control and row in a file of JSON lines: first what they depend on, then one reply a line.

    The file is named by what the replies depend on. So a run with other settings starts its own, and no reply of one
    is taken for another's; a newer parser scores the replies of an older run without asking again.

    Args:
        output_dir (`Path`): the run's folder; the file is in its sub-folder `asked`.
        settings (`Mapping`): all that the replies depend on: model, dataset, prompts, seed, ...

    Raises:
        [`DatasetError`]: if a line of the file cannot be read.
    """

    def __init__(self, output_dir: Path, settings: Mapping):
        self.header = json.dumps(settings, sort_keys=True)
        digest = hashlib.sha256(self.header.encode()).hexdigest()
        self.path = Path(output_dir) / FOLDER / f"{digest[:16]}.jsonl"
        self._replies: dict[str, dict[str, str]] = {}
        if self.path.exists():
            self._read()

    def _read(self) -> None:
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]  # a run that was killed may have left half a line
        if len(whole) < len(content):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
        for number, line in enumerate(whole.splitlines()[1:], 2):
            try:
                entry = json.loads(line)
                self._replies.setdefault(entry["control"], {})[entry["id"]] = entry["reply"]
            except (ValueError, KeyError, TypeError) as error:
                raise DatasetError(
                    f"{self.path}, line {number} is no reply of a run ({error!r}). Delete that line, or the "
                    "file to ask everything again."
                ) from error

    def replies(self, control: str) -> dict[str, str]:
        """Replies so far by row id."""
        return self._replies.setdefault(control, {})

    def add(self, control: str, replies: Mapping[str, str]) -> None:
        """Keep further replies, in the file as well."""
        lines = [json.dumps({"control": control, "id": row_id, "reply": reply}) for row_id, reply in replies.items()]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            if file.tell() == 0:
                lines.insert(0, self.header)
            file.write("\n".join(lines) + "\n")
        self.replies(control).update(replies)

    def describe(self) -> str:
        """What the run starts with, in words: replies that it goes on from, records of other settings beside it."""
        count = sum(map(len, self._replies.values()))
        if count:
            return f"Going on from {count:,} replies in {self.path}."
        others = sorted(path.name for path in self.path.parent.glob("*.jsonl") if path != self.path)
        if others:
            return (
                f"Starting anew: {self.path.parent} holds replies of other settings only ({', '.join(others)}; the "
                "first line of each names them). They are left as they are."
            )
        return f"Replies are kept in {self.path}."
