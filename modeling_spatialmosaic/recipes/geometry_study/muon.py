"""Muon (Jordan et al., 2024) in the precision of its weights.

That of PyTorch iterates in bfloat16, which processors without instructions for it multiply some twenty times slower.
"""

from collections.abc import Callable, Iterable

import torch
from torch import nn


MOMENTUM = 0.95
ITERATIONS = 5
# Of the odd polynomial that brings singular values near one, from Muon's description
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
RMS_OF_ADAMW = 0.2  # of a step at rate one, so that AdamW's rates suit it (arXiv:2502.16982, section 2.2)


class Muon(torch.optim.Optimizer):
    """
    Gradient descent whose steps have singular values near one, with Nesterov momentum.

    Args:
        parameters (iterable of `nn.Parameter`): matrices.
        lr, weight_decay (`float`): as of AdamW.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> None:
        """Change the parameters that have a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                momentum = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                momentum.lerp_(weight.grad, 1 - MOMENTUM)
                direction = near_orthogonal(weight.grad.lerp(momentum, MOMENTUM))
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(direction, alpha=-group["lr"] * RMS_OF_ADAMW * max(weight.shape) ** 0.5)


def near_orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The matrix with its singular values brought to about one, by Newton-Schulz iterations."""
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    wide = wide / wide.norm().clamp(min=1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return wide.T if matrix.shape[0] > matrix.shape[1] else wide
