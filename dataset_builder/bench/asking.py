"""Asks a model the rows of a dataset, as they are or as a control changes them, and keeps its replies."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path

import torch

from dataset_builder.bench.endpoint import EndpointModel
from dataset_builder.bench.geometry import choose_donors, geometry_tokens
from dataset_builder.bench.models import LocalModel
from dataset_builder.bench.prompts import MAX_NEW_TOKENS, kept_view, with_one_view, without_images
from dataset_builder.bench.record import ReplyRecord
from dataset_builder.errors import DatasetError
from dataset_builder.progress import progress_bar
from dataset_builder.reader import load_rows


# What a control asks; "model" is the question as it is
TITLES = {
    "model": "Asking the model",
    "blind": "Asking without images",
    "single_view": "Asking with one view",
    "geometry_zero": "Asking without geometry",
    "geometry_shuffle": "Asking with another scene's geometry",
}
GEOMETRY_CONTROLS = ("geometry_zero", "geometry_shuffle")
COLUMNS = ("id", "question", "prompt")


class Asker:
    """
    One model and one dataset.

    Args:
        model ([`LocalModel`] or [`EndpointModel`]): the model; controls of its geometry branch need a local one.
        dataset (`Path`): a folder made by `write_dataset`.
        split (`str`): the split that the rows are in.
        batch_size (`int`): questions answered at a time.
        seed (`int`): chooses whose geometry tokens `geometry_shuffle` shows.
        images_root (`Path`, *optional*): see `load_rows`.
        max_new_tokens (`int`, *optional*, defaults to 16): the most tokens of a reply.
    """

    def __init__(
        self,
        model: LocalModel | EndpointModel,
        dataset: Path,
        split: str,
        batch_size: int,
        seed: int,
        images_root: Path | None = None,
        max_new_tokens: int = MAX_NEW_TOKENS,
    ):
        self.model, self.dataset, self.split, self.images_root = model, dataset, split, images_root
        self.batch_size, self.seed, self.max_new_tokens = batch_size, seed, max_new_tokens

    def ask(self, control: str, rows: Sequence[Mapping], record: ReplyRecord) -> dict[str, str]:
        """
        The model's reply to each of the rows, those that the record has from there.

        Args:
            control (`str`): one of `TITLES`.
            rows (sequence of `Mapping`): rows with `id`, `dataset`, `scene_name` and `frames`.

        Returns:
            `dict[str, str]`: reply by row id; without the rows that `geometry_shuffle` finds no other scene for.
        """
        donors = choose_donors(rows, self.seed) if control == "geometry_shuffle" else {}
        ids = [row["id"] for row in rows if control != "geometry_shuffle" or row["id"] in donors]
        open_ids = set(ids) - set(record.replies(control))
        lent = self._lent_tokens({donors[row_id] for row_id in open_ids if row_id in donors})
        with progress_bar(TITLES[control], len(ids), "questions") as advance:
            advance(len(ids) - len(open_ids))
            for batch in batches(self._load(open_ids, control), self.batch_size):
                with self._geometry(control, [lent.get(donors.get(row["id"])) for row in batch]):
                    replies = self.model.replies(batch, self.max_new_tokens)
                record.add(control, {row["id"]: reply for row, reply in zip(batch, replies, strict=True)})
                advance(len(batch))
        return {row_id: record.replies(control)[row_id] for row_id in ids}

    def _load(self, ids: set[str], control: str) -> Iterator[dict]:
        """Prompts and images of the rows as the control shows them."""
        if not ids:
            return
        columns = COLUMNS if control == "blind" else (*COLUMNS, "images")
        for row in load_rows(self.dataset, split=self.split, columns=columns, ids=ids, images_root=self.images_root):
            if control == "blind":
                yield row | {"prompt": without_images(row["prompt"]), "images": []}
                continue
            if not row["images"]:
                raise DatasetError(
                    f"{self.dataset}, row {row['id']!r} has no images. Give your copy of its source as `images_root`."
                )
            if control == "single_view":
                kept = kept_view(row["question"], len(row["images"]))
                row |= {"prompt": with_one_view(row["prompt"], kept), "images": [row["images"][kept]]}
            yield row

    def _geometry(self, control: str, lent: list[torch.Tensor | None]) -> AbstractContextManager:
        """Context in which the fusion gets what the control shows it."""
        if control == "geometry_zero":
            return geometry_tokens(self.model.network, torch.zeros_like)
        if control == "geometry_shuffle":
            return geometry_tokens(self.model.network, lambda tokens: torch.cat(lent).to(tokens))
        return nullcontext()

    def _lent_tokens(self, donors: set[str]) -> dict[str, torch.Tensor]:
        """Geometry tokens `(views, G, D)` of each of the rows, on the host."""
        lent = {}

        def keep(tokens: torch.Tensor) -> torch.Tensor:
            lent[row["id"]] = tokens.cpu()
            return tokens

        for row in self._load(donors, "model"):
            with geometry_tokens(self.model.network, keep), torch.inference_mode():
                self.model.network(**self.model.inputs([row]))
        return lent


def batches(rows: Iterator[dict], size: int) -> Iterator[list[dict]]:
    """Consecutive groups of rows."""
    while batch := list(islice(rows, size)):
        yield batch
