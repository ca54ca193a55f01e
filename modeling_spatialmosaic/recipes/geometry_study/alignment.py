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
from modeling_spatialmosaic.modeling_spatialmosaic import is_frozen
from modeling_spatialmosaic.recipes.geometry_study.build import autocast
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.geometry import draw_scenes, scene_truth
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget
from modeling_spatialmosaic.recipes.geometry_study.vision import centres_of_cells


PLACE_WEIGHT = 2.0
KEPT_WEIGHT = 2.0
# Of the cosines of a token with the labels: so low that it must be much like its own
SHARPNESS = 10.0
VALIDATION_BATCHES = 32
NOTHING = 0  # the label of cells that show nothing that is known


def align_projector(
    model: SpatialMosaicForConditionalGeneration, words: torch.Tensor, store: FrameStore, budget: Budget, seed: int
) -> dict:
    """
    Train the vision tower, the projector and the word embeddings on single photos of the train split; all else stays.
    The place is that in the image.

    Args:
        model ([`SpatialMosaicForConditionalGeneration`]): with a trained vision tower, and without geometry.
        words (`torch.Tensor` of shape `(labels, tokens)`): tokens of every label, see `tokens_of_labels`.

    Returns:
        `dict`: what `fit` returns; and `objects_right`, the share of the cells that show an object on the validation
        split whose token is most like the word for it.
    """
    side, embedding = model.config.pooled_grid, model.get_input_embeddings().weight
    telling, words = _telling(model, 2, seed), words.to(model.device)
    draw = _views_of_scenes(store, budget, 1, seed)

    def likeness(tokens: torch.Tensor) -> torch.Tensor:
        return SHARPNESS * normalize(tokens, dim=-1) @ normalize(words @ embedding, dim=-1).T

    def losses() -> dict[str, torch.Tensor]:
        index = draw()
        tokens = cell_tokens(model, store, index)
        shown = store.cells(index.flatten(), side).unflatten(1, (side, side)).to(model.device)
        named = shown != NOTHING
        return {
            "words": cross_entropy(likeness(tokens[named]), shown[named]),
            "places": PLACE_WEIGHT * telling_loss(telling, tokens, *cells_in_image(store, index, side)),
        }

    parts = (model.model.vision_tower, model.model.multi_modal_projector, model.get_input_embeddings(), telling)
    facts = fit([one for part in parts for one in part.parameters()], budget, losses)
    with torch.no_grad():
        # As long as words: what the layers add to a token hundreds of times as long would not be noticed
        length = embedding.norm(dim=-1).mean() / cell_tokens(model, store, draw()).norm(dim=-1).mean()
        for parameter in model.model.multi_modal_projector.linear_2.parameters():
            parameter.mul_(length)
        right = []
        for index in _validation_views(store, budget, 1):
            shown = store.cells(index.flatten(), side).flatten()
            found = likeness(cell_tokens(model, store, index).flatten(0, 2)).argmax(-1).cpu()
            right.append((found == shown)[store.is_object[shown]])
    return facts | {"objects_right": float(torch.cat(right).float().mean())}


def align_geometry(
    model: SpatialMosaicForConditionalGeneration,
    base: SpatialMosaicForConditionalGeneration,
    store: FrameStore,
    budget: Budget,
    seed: int,
    max_views: int,
) -> dict:
    """
    Train the projector, the fusion block and a geometry encoder that is not frozen on views of scenes of the train
    split; all else stays. The tokens stay like those that the language model can read already, and tell the place in
    space besides: the point in the first camera's frame and the depth from the photo's own camera, in metres. A model
    without geometry has to guess them from the photos.

    Args: as of [`align_projector`]; and
        base ([`SpatialMosaicForConditionalGeneration`]): what the model was made of, without geometry.
        max_views (`int`): the most views of a scene.

    Returns:
        `dict`: what `fit` returns; `point_error_m` and `depth_error_m`, how far off on the validation split what the
        tokens tell is, on average.
    """
    side, telling = model.config.pooled_grid, _telling(model, 4, seed)
    draw = _views_of_scenes(store, budget, max_views, seed)

    def losses() -> dict[str, torch.Tensor]:
        index = draw()
        tokens = cell_tokens(model, store, index)
        with torch.no_grad():
            before = cell_tokens(base, store, index)
        changed = (tokens - before).square().sum(-1).mean() / before.square().sum(-1).mean()
        return {
            "kept": KEPT_WEIGHT * changed,
            "places": PLACE_WEIGHT * telling_loss(telling, tokens, *cells_in_space(store, index, side)),
        }

    parts = (model.model.multi_modal_projector, model.model.fusion_block, model.model.geometry_tower)
    parts = nn.ModuleList(part for part in parts if part is not None and not is_frozen(part))
    facts = fit([*parts.parameters(), *telling.parameters()], budget, losses, stack=parts)
    errors = []
    with torch.no_grad():
        for index in _validation_views(store, budget, max_views):
            places, known = cells_in_space(store, index, side)
            off = (told_places(telling, cell_tokens(model, store, index)).cpu() - places)[known]
            errors.append(torch.stack([off[:, :3].norm(dim=-1).mean(), off[:, 3].abs().mean()]))
    point_error_m, depth_error_m = torch.stack(errors).mean(dim=0).tolist()
    return facts | {"point_error_m": point_error_m, "depth_error_m": depth_error_m}


def cell_tokens(model: SpatialMosaicForConditionalGeneration, store: FrameStore, index: torch.Tensor) -> torch.Tensor:
    """
    Image tokens of the cells of some views, `(n, side, side, D)`, without the ends of the rows.

    Args:
        index (`torch.Tensor` of shape `(B, S)`): frames of `B` scenes.
    """
    side, maps = model.config.pooled_grid, None
    if model.config.geometry_config.model_type == "spatialmosaic_pointmap":
        maps = torch.cat([store.pointmaps(one) for one in index]).to(model.device)
    with autocast(model.device):
        images = store.pixel_values(index.flatten()).to(model.device)
        tokens = model.get_image_features(images, [index.shape[1]] * len(index), maps).pooler_output.float()
    return tokens.unflatten(1, (side, side + 1))[:, :, :side]


def telling_loss(telling: nn.Module, tokens: torch.Tensor, places: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """How far off a linear map of the tokens is that tells their known places."""
    told = told_places(telling, tokens)
    places, known = places.to(told.device), known.to(told.device)
    return smooth_l1_loss(told[known], places[known], beta=0.1)


def told_places(telling: nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    """What a linear map of the tokens tells."""
    # lengths say nothing: what the language model reads is normalised first
    return telling(rms_norm(tokens, tokens.shape[-1:]))


def _telling(model: SpatialMosaicForConditionalGeneration, numbers: int, seed: int) -> nn.Linear:
    """A new linear map, thrown away afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Linear(model.config.text_config.hidden_size, numbers).to(model.device)


def _views_of_scenes(
    store: FrameStore, budget: Budget, max_views: int, seed: int, split: str = "train"
) -> Callable[[], torch.Tensor]:
    """Draws frames `(B, S)` of a split, about as many as a batch holds."""
    generator = torch.Generator().manual_seed(seed)
    names = [name for name in store.scenes if store.splits[name] == split]

    def draw() -> torch.Tensor:
        views = int(torch.randint(1, max_views + 1, (), generator=generator))
        return draw_scenes(store, names, max(1, budget.batch_size // views), views, generator)

    return draw


def _validation_views(store: FrameStore, budget: Budget, max_views: int) -> list[torch.Tensor]:
    """Frames of the validation split, the same for all seeds."""
    draw = _views_of_scenes(store, budget, max_views, 0, "validation")
    return [draw() for _ in range(VALIDATION_BATCHES)]


def cells_in_image(store: FrameStore, index: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
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
