"""Teaches the image tokens what they show before the language model reads them, as in LLaVA's first stage
(arXiv:2304.08485, section 4.2), but from the truth of each cell of a photo: its token becomes like the embedding of
the word for it, and tells where it is.

Shapes: `n` photos, `side` cells in a row and in a column, `D` width of the language model.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize, rms_norm, smooth_l1_loss

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.recipes.geometry_study.build import autocast
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.geometry import draw_scenes, scene_truth
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget


PLACE_WEIGHT = 2.0
# Of the cosines of a token with the labels: so low that it must be much like its own
SHARPNESS = 10.0
NOTHING = 0  # the label of cells that show nothing that is known


def align_projector(
    model: SpatialMosaicForConditionalGeneration, words: torch.Tensor, store: FrameStore, budget: Budget, seed: int
) -> dict:
    """
    Train the vision tower, the projector and the word embeddings on single photos of the train split; all else stays.
    The place is that in the image, which a tower that was trained on categories alone has half forgotten.

    Args:
        model ([`SpatialMosaicForConditionalGeneration`]): with a trained vision tower, and without geometry.
        words (`torch.Tensor` of shape `(labels, tokens)`): tokens of every label, see `tokens_of_labels`.

    Returns:
        `dict`: what `fit` returns.
    """
    parts = (model.model.vision_tower, model.model.multi_modal_projector, model.get_input_embeddings())
    trained = [one for part in parts for one in part.parameters()]
    return _align(model, trained, words, store, budget, seed, 1, cells_in_image)


def align_geometry(
    model: SpatialMosaicForConditionalGeneration,
    words: torch.Tensor,
    store: FrameStore,
    budget: Budget,
    seed: int,
    max_views: int,
) -> dict:
    """
    Train the projector, the fusion block and a geometry encoder that is not frozen on views of scenes of the train
    split; all else stays. The place is that in space: the point in the first camera's frame and the depth from the
    photo's own camera, in metres. A model without geometry has to guess them from the photos.

    Args: as of [`align_projector`]; and
        max_views (`int`): the most views of a scene.

    Returns:
        `dict`: what `fit` returns.
    """
    parts = (model.model.multi_modal_projector, model.model.fusion_block, model.model.geometry_tower)
    trained = [one for part in parts if part is not None for one in part.parameters() if one.requires_grad]
    return _align(model, trained, words, store, budget, seed, max_views, cells_in_space)


def _align(
    model: SpatialMosaicForConditionalGeneration,
    trained: list[nn.Parameter],
    words: torch.Tensor,
    store: FrameStore,
    budget: Budget,
    seed: int,
    max_views: int,
    cells: Callable,
) -> dict:
    generator, where = torch.Generator().manual_seed(seed), model.device
    names = [name for name in store.scenes if store.splits[name] == "train"]
    embedding, width = model.get_input_embeddings().weight, model.config.text_config.hidden_size
    words = words.to(where)
    side = model.config.pooled_grid
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        telling = nn.Linear(width, 2 if cells is cells_in_image else 4).to(where)  # thrown away afterwards
    takes_maps = model.config.geometry_config.model_type == "spatialmosaic_pointmap"

    def draw() -> tuple[torch.Tensor, torch.Tensor]:
        """Frames `(B, S)`, and the tokens of their cells `(n, side, side, D)`."""
        views = int(torch.randint(1, max_views + 1, (), generator=generator))
        index = draw_scenes(store, names, max(1, budget.batch_size // views), views, generator)
        maps = torch.cat([store.pointmaps(one) for one in index]).to(where) if takes_maps else None
        with autocast(where):
            images = store.pixel_values(index.flatten()).to(where)
            tokens = model.get_image_features(images, [views] * len(index), maps).pooler_output.float()
        return index, tokens.unflatten(1, (side, side + 1))[:, :, :side]  # without the ends of the rows

    def losses() -> dict[str, torch.Tensor]:
        index, tokens = draw()
        shown = store.cells(index.flatten(), side).unflatten(1, (side, side)).to(where)
        named = shown != NOTHING
        scores = SHARPNESS * normalize(tokens[named], dim=-1) @ normalize(words @ embedding, dim=-1).T
        # lengths say nothing: what the language model reads is normalised first
        tokens = rms_norm(tokens, tokens.shape[-1:])
        told = telling(tokens)  # (n, side, side, 2 or 4)
        places, known = cells(store, index, side)
        places, known = places.to(where), known.to(where)
        return {
            "words": cross_entropy(scores, shown[named]),
            "places": PLACE_WEIGHT * smooth_l1_loss(told[known], places[known], beta=0.1),
        }

    facts = fit([*trained, *telling.parameters()], budget, losses)
    with torch.no_grad():
        # As long as words: what the layers add to a token hundreds of times as long would not be noticed
        length = embedding.norm(dim=-1).mean() / draw()[1].norm(dim=-1).mean()
        for parameter in model.model.multi_modal_projector.linear_2.parameters():
            parameter.mul_(length)
    return facts


def cells_in_image(store: FrameStore, index: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Centres of the cells, x and y in parts of width and height.

    Args:
        index (`torch.Tensor` of shape `(B, S)`): frames of `B` scenes.

    Returns:
        `tuple[torch.Tensor, torch.Tensor]`: `(B * S, side, side, 2)`; and `(B * S, side, side)`, all of them known.
    """
    at = (torch.arange(side) + 0.5) / side
    centres = torch.stack(torch.meshgrid(at, at, indexing="xy"), dim=-1)  # (side, side, 2)
    return centres.expand(index.numel(), -1, -1, -1), torch.ones(index.numel(), side, side, dtype=torch.bool)


def cells_in_space(store: FrameStore, index: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """
    What the pixel at the centre of each cell shows, in metres: the point in the frame of its scene's first camera, and
    the depth from its own.

    Args: as of [`cells_in_image`].

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
