"""The plain training loop of what has no labels in words: the vision tower and VGGT."""

import time
from collections.abc import Callable, Iterable

import torch
from rich.console import Console
from torch import nn
from transformers import get_cosine_schedule_with_warmup

from modeling_spatialmosaic.recipes.geometry_study.settings import Budget


WARMUP = 0.1
WEIGHT_DECAY = 0.05
MAX_GRAD_NORM = 1.0
POINTS_OF_A_CURVE = 50


def fit(parameters: Iterable[nn.Parameter], budget: Budget, losses: Callable[[], dict[str, torch.Tensor]]) -> dict:
    """
    Train by AdamW with the sum of some losses.

    Args:
        parameters (iterable of `nn.Parameter`): what is trained.
        budget ([`Budget`]): its batch size is the business of `losses`.
        losses (`Callable`): losses of a new batch by name.

    Returns:
        `dict`: `curve`, the mean losses of each stretch of steps, and `processor_s_per_step`.
    """
    parameters = list(parameters)
    optimizer = torch.optim.AdamW(parameters, lr=budget.learning_rate, weight_decay=WEIGHT_DECAY)
    schedule = get_cosine_schedule_with_warmup(optimizer, round(WARMUP * budget.steps), budget.steps)
    stretch = max(1, budget.steps // POINTS_OF_A_CURVE)
    curve, sums, started, count = [], {}, time.process_time(), 0
    for step in range(1, budget.steps + 1):
        parts = losses()
        optimizer.zero_grad()
        sum(parts.values()).backward()
        nn.utils.clip_grad_norm_(parameters, MAX_GRAD_NORM)
        optimizer.step()
        schedule.step()
        count += 1
        for name, loss in parts.items():
            sums[name] = sums.get(name, 0) + loss.detach()
        if step % stretch == 0 or step == budget.steps:
            curve.append({"step": step, **{name: round(float(total) / count, 4) for name, total in sums.items()}})
            Console().print(curve[-1])
            sums, count = {}, 0
    return {"curve": curve, "processor_s_per_step": (time.process_time() - started) / budget.steps}
