"""The small models of the study: VGGT, the vision-language model without geometry, and the arms made of them."""

from collections.abc import Iterable
from pathlib import Path

import torch
from transformers import GenerationConfig, SiglipVisionConfig

from modeling_spatialmosaic import (
    SpatialMosaicConfig,
    SpatialMosaicForConditionalGeneration,
    SpatialMosaicProcessor,
)
from modeling_spatialmosaic.configuration_vggt import SpatialMosaicVggtConfig
from modeling_spatialmosaic.image_processing_spatialmosaic import SpatialMosaicImageProcessor
from modeling_spatialmosaic.modeling_vggt_heads import SpatialMosaicVggtForReconstruction
from modeling_spatialmosaic.recipes.geometry_study.circuits import MAX_FRAMES
from modeling_spatialmosaic.recipes.geometry_study.settings import StudySettings
from modeling_spatialmosaic.tiny import IMAGE, tokenizer_from_texts


MAX_NEW_TOKENS = 64
FRAME_NAMES = [f"Frame {number + 1}" for number in range(MAX_FRAMES)]


def vision_config(settings: StudySettings) -> SiglipVisionConfig:
    """The vision tower sees photos as a square of as many patches as they are wide."""
    return SiglipVisionConfig(
        **settings.vision, image_size=settings.data.image_size, patch_size=settings.data.patch_size
    )


def vggt_config(settings: StudySettings) -> SpatialMosaicVggtConfig:
    """VGGT, whose dense heads read four layers of its aggregator, evenly spread."""
    layers = settings.geometry["num_hidden_layers"]
    return SpatialMosaicVggtConfig(
        **settings.geometry,
        image_size=settings.data.image_size,
        patch_size=settings.data.patch_size,
        # The released initial value, 0.01, would keep so shallow a stack from learning in a few thousand steps
        layer_scale_init=1.0,
        out_indices=[max(0, layers * (k + 1) // 4 - 1) for k in range(4)],
    )


def build_processor(settings: StudySettings, texts: Iterable[str]) -> SpatialMosaicProcessor:
    """A processor whose tokenizer is trained on some texts."""
    tokenizer = tokenizer_from_texts(texts)
    tokenizer.add_tokens(FRAME_NAMES)
    grid = -(-settings.data.image_size // settings.data.patch_size // 2)
    return SpatialMosaicProcessor(
        SpatialMosaicImageProcessor(image_size=settings.data.image_size, patch_size=settings.data.patch_size),
        tokenizer,
        tokens_per_image=grid * (grid + 1),
        chat_template=chat_template(),
    )


def chat_template() -> str:
    return (Path(__file__).parents[2] / "chat_template.jinja").read_text(encoding="utf-8")


def build_model(
    settings: StudySettings, processor: SpatialMosaicProcessor, geometry: str
) -> SpatialMosaicForConditionalGeneration:
    """A model with random weights, drawn from PyTorch's global generator.

    Args:
        geometry (`str`): one of `ARMS`.
    """
    tokenizer = processor.tokenizer
    if geometry == "vggt":
        geometry_config = vggt_config(settings)
    else:
        geometry_config = {"model_type": f"spatialmosaic_{geometry}"}
        if geometry == "pointmap":
            # As wide as the tokens of VGGT
            width = vggt_config(settings).geometry_dim
            geometry_config |= {"hidden_size": width, "patch_size": settings.data.patch_size}
    config = SpatialMosaicConfig(
        vision_config=vision_config(settings),
        geometry_config=geometry_config,
        text_config={
            # Every other layer has no positions: a word finds what it names however far away the photo is
            "model_type": "smollm3",
            "no_rope_layer_interval": 2,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 4096,
            "tie_word_embeddings": False,
            "bos_token_id": None,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
            **settings.text,
        },
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE),
        vision_feature_layer=-1,
        # The published cross-attention did not learn in a few hundred steps where to look (docs/geometry_study.md)
        fusion_type="patchwise",
        # What is so small is not regularised
        fusion_dropout=0.0,
        # Words as they are read are as long as what layers add to them; so long, they cannot be those that are said
        tie_word_embeddings=False,
    )
    model = SpatialMosaicForConditionalGeneration(config)
    spread_linear_maps(model.model.language_model.layers)
    attend_to_likeness(model.model.language_model.layers)
    model.generation_config = GenerationConfig(
        max_new_tokens=MAX_NEW_TOKENS,
        do_sample=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        suppress_tokens=[config.image_token_id],  # an answer never holds an image
    )
    return model


@torch.no_grad()
def spread_linear_maps(layers: Iterable[torch.nn.Module]) -> None:
    """
    Let the linear maps of new layers keep the length of what they map. The usual deviation of 0.02 is made for wide
    models: of what attention finds, so narrow a layer would hand on less than it adds of its own.
    """
    for layer in layers:
        for linear in layer.modules():
            if isinstance(linear, torch.nn.Linear):
                torch.nn.init.normal_(linear.weight, std=linear.in_features**-0.5)


@torch.no_grad()
def attend_to_likeness(layers: Iterable[torch.nn.Module]) -> None:
    """
    Let the tokens of new layers attend to those that are like them before they have learned anything: the keys of each
    head begin as a copy of its queries, large enough to matter (after mimetic initialisation, arXiv:2305.09828).
    Patches that are alike show the same thing.
    """
    for layer in layers:
        queries, keys = layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight
        torch.nn.init.normal_(queries, std=queries.shape[1] ** -0.5)
        keys.copy_(queries)


def build_arm(
    settings: StudySettings, geometry: str, seed: int, base: Path, vggt: Path
) -> tuple[SpatialMosaicForConditionalGeneration, SpatialMosaicProcessor]:
    """
    The model that an arm starts from: the common base and, for `"vggt"`, the pretrained aggregator; both towers that
    were pretrained are frozen. New weights are drawn by `seed`.
    """
    processor = SpatialMosaicProcessor.from_pretrained(base)
    torch.manual_seed(seed)
    model = build_model(settings, processor, geometry)
    weights = SpatialMosaicForConditionalGeneration.from_pretrained(base).state_dict()
    missing, unexpected = model.load_state_dict(weights, strict=False)
    new = ("model.fusion_block.", "model.geometry_tower.")
    if unexpected or any(not name.startswith(new) for name in missing):
        raise ValueError(f"{base} does not fit the settings. Delete it, and run the study again.")
    model.model.vision_tower.requires_grad_(False)
    model.get_input_embeddings().requires_grad_(False)  # what image tokens are aligned with
    if geometry == "vggt":
        trained = SpatialMosaicVggtForReconstruction.from_pretrained(vggt).vggt
        model.model.geometry_tower.load_state_dict(trained.state_dict())
        model.model.geometry_tower.requires_grad_(False)
    return model, processor


def count_parameters(model: torch.nn.Module) -> dict[str, int]:
    """Number of all parameters, and of those that are trained."""
    parameters = list(model.parameters())
    trained = sum(one.numel() for one in parameters if one.requires_grad)
    return {"parameters": sum(one.numel() for one in parameters), "trained": trained}


def device() -> torch.device:
    """The accelerator, if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_fast_bfloat16() -> bool:
    """Whether the accelerator, or else the processor, multiplies matrices of bfloat16 faster than others."""
    return torch.cuda.is_available() or torch.cpu.get_capabilities().get("avx512_bf16", False)


def autocast(where: torch.device) -> torch.autocast:
    """Multiplies matrices in bfloat16 where that is faster."""
    return torch.autocast(where.type, torch.bfloat16, enabled=has_fast_bfloat16())
