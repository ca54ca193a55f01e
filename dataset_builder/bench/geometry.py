"""Controls of a model's geometry branch: the same images and words, but geometry tokens that say nothing, or lie.

A model has such a branch if it has a sub-module `fusion_block` that is called with the visual tokens and the geometry
tokens `(F, G, D)` of the images, flat over the batch. There the tokens are exchanged: behind the geometry encoder and
any cache of its tokens, so that nothing false is cached, and apart from the vision tower, which sees the images.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn


FUSION = "fusion_block"
# Scenes that lend their tokens to others, for each number of views: enough to differ, few enough to keep in memory
DONOR_SCENES = 8


def fusion_of(model: nn.Module) -> nn.Module | None:
    """The sub-module that takes the geometry tokens, or `None` in a model without a geometry branch."""
    return next((module for name, module in model.named_modules() if name.rpartition(".")[2] == FUSION), None)


@contextmanager
def geometry_tokens(model: nn.Module, change: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    """Within this context the fusion gets `change(tokens)` in place of the geometry tokens `(F, G, D)`."""
    handle = fusion_of(model).register_forward_pre_hook(lambda module, inputs: (inputs[0], change(inputs[1])))
    try:
        yield
    finally:
        handle.remove()


def choose_donors(rows: Sequence[Mapping], seed: int) -> dict[str, str]:
    """
    For each row the row whose geometry tokens it gets: as many views, another scene.

    Rows that follow each other mostly show the same scene, so tokens exchanged within a batch could be the right ones.

    Args:
        rows (sequence of `Mapping`): rows with `id`, `dataset`, `scene_name` and `frames`.

    Returns:
        `dict[str, str]`: id of the donor by id of the row; without rows that no other scene can lend to.
    """
    rng = np.random.default_rng(seed)
    by_count: dict[int, dict[tuple, str]] = defaultdict(dict)
    for k in rng.permutation(len(rows)):
        scenes = by_count[len(rows[k]["frames"])]
        if len(scenes) < DONOR_SCENES:
            scenes.setdefault(scene_of(rows[k]), rows[k]["id"])
    donors = {}
    for row in rows:
        lenders = [donor for scene, donor in by_count[len(row["frames"])].items() if scene != scene_of(row)]
        if lenders:
            digest = hashlib.sha256(f"{seed} {row['id']}".encode()).digest()
            donors[row["id"]] = lenders[int.from_bytes(digest[:8]) % len(lenders)]
    return donors


def scene_of(row: Mapping) -> tuple[str, str]:
    """What makes two rows show the same place."""
    return row["dataset"], row["scene_name"]
