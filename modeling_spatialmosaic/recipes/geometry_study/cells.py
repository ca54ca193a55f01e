"""Where the cells of photos are, in the image and in space: what image tokens are to tell.

Shapes: `side` cells in a row and in a column.
"""

import torch

from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.geometry import scene_truth
from modeling_spatialmosaic.recipes.geometry_study.vision import centres_of_cells


def cells_in_image(index: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Centres of the cells, x and y in parts of width and height.

    Args:
        index (`torch.Tensor` of shape `(B, S)`): frames of `B` scenes.

    Returns:
        `tuple[torch.Tensor, torch.Tensor]`: `(B * S, side, side, 2)`; and `(B * S, side, side)`, all of them known.
    """
    centres = centres_of_cells(side)  # (side, side, 2)
    return centres.expand(index.numel(), -1, -1, -1), torch.ones(index.numel(), side, side, dtype=torch.bool)


def cells_in_space(store: FrameStore, index: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """
    What the pixel at the centre of each cell shows, in metres: the point in the frame of its scene's first camera, and
    the depth from its own.

    Args:
        index (`torch.Tensor` of shape `(B, S)`): frames of `B` scenes.

    Returns:
        `tuple[torch.Tensor, torch.Tensor]`: `(B * S, side, side, 4)`; and `(B * S, side, side)`, whether anything is
            hit.
    """
    truth = scene_truth(store, index)
    height, width = truth["depth"].shape[-2:]
    rows, columns = (((torch.arange(side) + 0.5) * n / side).long() for n in (height, width))
    of_pixels = (
        torch.cat([truth["points"], truth["depth"][..., None]], dim=-1) * truth["scale"][:, None, None, None, None]
    )
    cells, known = (one.flatten(0, 1)[:, rows[:, None], columns] for one in (of_pixels, truth["valid"]))
    return cells, known
