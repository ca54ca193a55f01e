"""The plain training loop of what has no labels in words: the vision tower and VGGT."""

import time
from collections.abc import Callable, Iterable

import torch
from rich.console import Console
from torch import nn
from transformers import get_cosine_schedule_with_warmup

from modeling_spatialmosaic.recipes.geometry_study.muon import Muon
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget


WARMUP = 0.1
WEIGHT_DECAY = 0.05
MAX_GRAD_NORM = 1.0
POINTS_OF_A_CURVE = 50
# Of what says the words, beside all else: at the rate of the layers it is the last to learn what they have found
READOUT_RATE = 20


def fit(
    parameters: Iterable[nn.Parameter],
    budget: Budget,
    losses: Callable[[], dict[str, torch.Tensor]],
    stack: nn.Module | None = None,
    readout: nn.Parameter | None = None,
) -> dict:
    """
    Train with the sum of some losses: by AdamW, but the linear maps of a stack of layers by Muon, which brought twice
    as many patches right in as many steps.

    Args:
        parameters (iterable of `nn.Parameter`): what is trained.
        budget ([`Budget`]): its batch size is the business of `losses`.
        losses (`Callable`): losses of a new batch by name.
        stack (`nn.Module`, *optional*): whose parameters are among those.
        readout (`nn.Parameter`, *optional*): one of those, which learns at `READOUT_RATE` times the rate.

    Returns:
        `dict`: `curve`, the mean losses of each stretch of steps, and `processor_s_per_step`.
    """
    parameters = list(parameters)
    layers = stack.modules() if stack is not None else ()
    maps = [layer.weight for layer in layers if isinstance(layer, nn.Linear)]
    rest = [one for one in parameters if not any(one is weight for weight in (*maps, readout))]
    settings = {"lr": budget.learning_rate, "weight_decay": WEIGHT_DECAY}
    groups = [{"params": rest}]
    if readout is not None:
        groups.append({"params": [readout], "lr": READOUT_RATE * budget.learning_rate, "weight_decay": 0.0})
    optimizers = [torch.optim.AdamW(groups, **settings)]
    if maps:
        optimizers.append(Muon(maps, **settings))
    schedules = [
        get_cosine_schedule_with_warmup(one, round(WARMUP * budget.steps), budget.steps) for one in optimizers
    ]
    stretch = max(1, budget.steps // POINTS_OF_A_CURVE)
    curve, sums, started, count = [], {}, time.process_time(), 0
    for step in range(1, budget.steps + 1):
        parts = losses()
        for parameter in parameters:
            parameter.grad = None
        sum(parts.values()).backward()
        nn.utils.clip_grad_norm_(parameters, MAX_GRAD_NORM)
        for one in (*optimizers, *schedules):
            one.step()
        count += 1
        for name, loss in parts.items():
            sums[name] = sums.get(name, 0) + loss.detach()
        if step % stretch == 0 or step == budget.steps:
            curve.append({"step": step, **{name: round(float(total) / count, 4) for name, total in sums.items()}})
            Console().print(curve[-1])
            sums, count = {}, 0
    return {"curve": curve, "processor_s_per_step": (time.process_time() - started) / budget.steps}
