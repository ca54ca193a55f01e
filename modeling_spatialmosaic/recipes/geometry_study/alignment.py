"""Teaches the image tokens what they show before the language model reads them, as in LLaVA's first stage
(arXiv:2304.08485, section 4.2), but from the truth of each cell of a photo: its token becomes like the embedding of
the word for it, and tells where it is (`places.py`), as the language model has learned to read it from told tokens.

Shapes: `n` photos, `side` cells in a row and in a column, `D` width of the language model.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from modeling_spatialmosaic.modeling_spatialmosaic import is_frozen
from modeling_spatialmosaic.recipes.geometry_study.build import autocast
from modeling_spatialmosaic.recipes.geometry_study.cells import cells_in_image, cells_in_space
from modeling_spatialmosaic.recipes.geometry_study.circuits import MARK_LENGTH, WORD_LENGTH, marks
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore, patch_shares
from modeling_spatialmosaic.recipes.geometry_study.geometry import draw_scenes
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.places import (
    IMAGE_BINS,
    SHARPNESS,
    SPACE_BINS,
    directions,
    telling_loss,
    told_places,
)
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget
from modeling_spatialmosaic.recipes.geometry_study.told import OBJECTS_COUNT
from modeling_spatialmosaic.recipes.geometry_study.vision import augmented


KEPT_WEIGHT = 2.0
SPACE_WEIGHT = 0.5  # beside words and places, of which a photo tells more
VALIDATION_BATCHES = 32
NOTHING = 0  # the label of cells that show nothing that is known


def align_projector(
    model: SpatialMosaicForConditionalGeneration, words: torch.Tensor, store: FrameStore, budget: Budget, seed: int
) -> dict:
    """
    Train the vision tower and the projector on single photos of the train split; all else stays, the words too. The
    place is that in the image, and in space as far as one photo tells it: it is what the language model has learned to
    read, before geometry says it better.

    Args:
        model ([`SpatialMosaicForConditionalGeneration`]): with a trained vision tower, and without geometry.
        words (`torch.Tensor` of shape `(labels, D)`): see `words_of_labels`.

    Returns:
        `dict`: what `fit` returns; and `objects_right`, the share of the cells that show an object on the validation
        split whose token is most like the word for it.
    """
    side = model.config.pooled_grid
    words = words.to(model.device)
    weights = 1 + (OBJECTS_COUNT - 1) * store.is_object
    draw = _views_of_scenes(store, budget, 1, seed)
    generator = torch.Generator().manual_seed(seed)

    def like_labels(tokens: torch.Tensor) -> torch.Tensor:
        return SHARPNESS * normalize(tokens, dim=-1) @ words.T

    def words_loss(tokens: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
        shown = weights * patch_shares(categories, side, len(store.labels))
        shown[..., NOTHING] = 0
        named = shown.sum(-1) > 0
        shown = normalize(shown[named], p=1, dim=-1).to(model.device)
        return cross_entropy(like_labels(tokens.flatten(1, 2)[named]), shown)

    def losses() -> dict[str, torch.Tensor]:
        index = draw()
        photos, tokens = index.flatten(), cell_tokens(model, store, index)
        # As another camera might see the same; where it would stand is not known
        categories, images = augmented(store.categories[photos], store.pixel_values(photos), generator)
        with autocast(model.device):
            others = model.get_image_features(images.to(model.device), [1] * len(photos)).pooler_output.float()
        others = without_row_ends(others, side)
        in_image, everywhere = cells_in_image(index, side)
        return {
            "words": (words_loss(tokens, store.categories[photos]) + words_loss(others, categories)) / 2,
            "places": telling_loss(
                torch.cat([tokens, others]), in_image.repeat(2, 1, 1, 1), everywhere.repeat(2, 1, 1), IMAGE_BINS
            ),
            "space": SPACE_WEIGHT * telling_loss(tokens, *cells_in_space(store, index, side), SPACE_BINS),
        }

    parts = nn.ModuleList([model.model.vision_tower, model.model.multi_modal_projector])
    facts = fit(parts.parameters(), budget, losses, stack=model.model.vision_tower.encoder)
    with torch.no_grad():
        last = model.model.multi_modal_projector.linear_2
        of_tokens = cell_tokens(model, store, draw()).norm(dim=-1).mean()
        for parameter in last.parameters():
            parameter.mul_(WORD_LENGTH / of_tokens)
        last.bias += MARK_LENGTH * marks(len(last.bias)).image.to(last.bias)
        right = []
        for index in _validation_views(store, budget, 1):
            shown = store.cells(index.flatten(), side).flatten()
            found = like_labels(cell_tokens(model, store, index).flatten(0, 2)).argmax(-1).cpu()
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
    split; all else stays. The tokens stay like those that the language model can read already, but tell the place in
    space better: the point in the first camera's frame and the depth from the photo's own camera, in metres. A model
    without geometry has to guess them from the photos.

    Args: as of [`align_projector`]; and
        base ([`SpatialMosaicForConditionalGeneration`]): what the model was made of, without geometry.
        max_views (`int`): the most views of a scene.

    Returns:
        `dict`: what `fit` returns; `point_error_m` and `depth_error_m`, how far off on the validation split what the
        tokens tell is, on average.
    """
    side = model.config.pooled_grid
    draw = _views_of_scenes(store, budget, max_views, seed)
    in_space = directions(*SPACE_BINS.shape, model.config.text_config.hidden_size).flatten(0, 1)
    in_space = torch.linalg.qr(in_space.T)[0].to(model.device)  # (D, n): columns that span them

    def losses() -> dict[str, torch.Tensor]:
        index = draw()
        tokens = cell_tokens(model, store, index)
        with torch.no_grad():
            before = cell_tokens(base, store, index)
        change = tokens - before
        change = change - change @ in_space @ in_space.T
        return {
            "kept": KEPT_WEIGHT * change.square().sum(-1).mean() / before.square().sum(-1).mean(),
            "space": SPACE_WEIGHT * telling_loss(tokens, *cells_in_space(store, index, side), SPACE_BINS),
        }

    parts = (model.model.multi_modal_projector, model.model.fusion_block, model.model.geometry_tower)
    parts = nn.ModuleList(part for part in parts if part is not None and not is_frozen(part))
    facts = fit(parts.parameters(), budget, losses, stack=parts)
    errors = []
    with torch.no_grad():
        for index in _validation_views(store, budget, max_views):
            places, known = cells_in_space(store, index, side)
            off = (told_places(cell_tokens(model, store, index), SPACE_BINS).cpu() - places)[known]
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
    return without_row_ends(tokens, side)


def without_row_ends(tokens: torch.Tensor, side: int) -> torch.Tensor:
    """Image tokens `(n, side * (side + 1), D)` -> those of cells `(n, side, side, D)`."""
    return tokens.unflatten(1, (side, side + 1))[:, :, :side]


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
