"""Pretrains the vision tower: which category does each patch show, and where in the photo is it?

A stand-in for a SigLIP trained on web photos, whose patches know their place: a tower that was taught categories alone
forgot it. All arms start from the same tower.
"""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, smooth_l1_loss
from transformers import SiglipVisionModel

from modeling_spatialmosaic.recipes.geometry_study.build import attend_to_likeness, autocast, device, vision_config
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore, patch_shares
from modeling_spatialmosaic.recipes.geometry_study.loop import fit
from modeling_spatialmosaic.recipes.geometry_study.settings import StudySettings


VALIDATION_FRAMES = 256
CROPPED = 0.7
MIN_CROP = 0.5  # of height and width
PLACE_WEIGHT = 5.0


class PatchClassifier(nn.Module):
    """Vision tower and two linear maps of its tokens: photos `(n, 3, H, W)` -> scores of the categories
    `(n, side * side, categories)`, and places `(n, side * side, 2)`, x and y in parts of width and height."""

    def __init__(self, settings: StudySettings, num_categories: int):
        super().__init__()
        self.tower = SiglipVisionModel._from_config(vision_config(settings))
        # As in the model: no pooling head, and no norm behind the last layer
        self.tower.post_layernorm = nn.Identity()
        self.tower.head, self.tower.use_head = None, False
        attend_to_likeness(self.tower.encoder.layers)
        self.side = settings.data.image_size
        width = settings.vision["hidden_size"]
        self.norm, self.naming, self.telling = (
            nn.LayerNorm(width),
            nn.Linear(width, num_categories),
            nn.Linear(width, 2),
        )

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        images = nn.functional.interpolate(
            images, size=(self.side, self.side), mode="bilinear", antialias=True, align_corners=False
        )
        tokens = self.norm(self.tower(pixel_values=(images - 0.5) / 0.5).last_hidden_state)
        return self.naming(tokens), self.telling(tokens)


def centres_of_cells(side: int) -> torch.Tensor:
    """Centres of `side * side` cells of a photo, `(side, side, 2)`: x and y in parts of width and height."""
    at = (torch.arange(side) + 0.5) / side
    return torch.stack(torch.meshgrid(at, at, indexing="xy"), dim=-1)


def augmented(
    categories: torch.Tensor, images: torch.Tensor, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Photos `(n, 3, H, W)` and the categories of their pixels `(n, H, W)`, seen as another camera might: half the time
    in a mirror, and most times closer.
    """
    if torch.rand((), generator=generator) < 0.5:
        categories, images = categories.flip(-1), images.flip(-1)
    if torch.rand((), generator=generator) < CROPPED:
        part = 1 - (1 - MIN_CROP) * float(torch.rand((), generator=generator))
        height, width = (round(part * side) for side in images.shape[-2:])
        top, left = (
            int(torch.randint(whole - cut + 1, (), generator=generator))
            for whole, cut in zip(images.shape[-2:], (height, width), strict=True)
        )
        rows, columns = slice(top, top + height), slice(left, left + width)
        categories, images = categories[:, rows, columns], images[..., rows, columns]
    return categories, images


def pretrain_vision(settings: StudySettings, store: FrameStore) -> tuple[SiglipVisionModel, dict]:
    """
    Train the tower on the train split.

    Returns:
        `tuple[SiglipVisionModel, dict]`: the tower; the curve, and the share of the validation patches whose largest
        category is named, beside that of the most frequent category: of all patches, and of those that show objects;
        and `place_error`, mean distance in x or y, in parts of the photo.
    """
    torch.manual_seed(settings.data.seed)
    frames, where = torch.tensor(store.of_split("train")), device()
    count, side = len(store.labels), settings.data.image_size // settings.data.patch_size
    classifier = PatchClassifier(settings, count).to(where)
    centres = centres_of_cells(side).flatten(0, 1).to(where)
    generator = torch.Generator().manual_seed(settings.data.seed)

    def losses() -> dict[str, torch.Tensor]:
        chosen = frames[torch.randint(len(frames), (settings.vision_budget.batch_size,), generator=generator)]
        categories, images = store.categories[chosen].to(where), store.pixel_values(chosen).to(where)
        categories, images = augmented(categories, images, generator)
        shares = patch_shares(categories, side, count)
        with autocast(where):
            scores, places = classifier(images)
        return {
            "segmentation": cross_entropy(scores.float().flatten(0, 1), shares.flatten(0, 1)),
            "places": PLACE_WEIGHT * smooth_l1_loss(places.float(), centres.expand_as(places), beta=0.1),
        }

    facts = fit(classifier.parameters(), settings.vision_budget, losses, stack=classifier.tower.encoder)
    held_out = torch.tensor(store.of_split("validation")[:VALIDATION_FRAMES])
    with torch.inference_mode():
        answers = [classifier(store.pixel_values(part).to(where)) for part in held_out.split(32)]
    found = torch.cat([scores.argmax(-1).cpu() for scores, _ in answers])
    facts["place_error"] = float(torch.cat([(places - centres).abs() for _, places in answers]).mean())
    truth = torch.cat([patch_shares(store.categories[part], side, count).argmax(-1) for part in held_out.split(32)])
    for name, chosen in (("", torch.ones_like(truth, dtype=torch.bool)), ("_on_objects", store.is_object[truth])):
        right, of_category = found[chosen] == truth[chosen], torch.bincount(truth[chosen])
        facts[f"accuracy{name}"] = float(right.float().mean())
        facts[f"accuracy{name}_of_the_most_frequent"] = float(of_category.max() / of_category.sum())
    return classifier.tower.cpu(), facts
