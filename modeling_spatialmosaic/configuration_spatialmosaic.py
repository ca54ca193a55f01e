"""Configuration of the SpatialMosaic vision-language model."""

import math
from collections.abc import Mapping
from typing import Literal

from huggingface_hub.dataclasses import strict
from transformers import CONFIG_MAPPING, AutoConfig, PreTrainedConfig, SiglipVisionConfig

from .geometry_encoders import GEOMETRY_ENCODERS


# SigLIP so400m-patch14-384 and Qwen2-7B, the sizes of the published model.
DEFAULT_VISION = {
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "image_size": 384,
    "patch_size": 14,
}
DEFAULT_TEXT = {
    "model_type": "qwen2",
    "vocab_size": 152064,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    # The library's own default base, 10,000, is not the one that the weights were trained with.
    "rope_parameters": {"rope_type": "default", "rope_theta": 1_000_000.0},
}
# `save_pretrained` of one class writes that class only; the base model belongs in the folder's map as well.
AUTO_MAP = {
    "AutoConfig": "configuration_spatialmosaic.SpatialMosaicConfig",
    "AutoModel": "modeling_spatialmosaic.SpatialMosaicModel",
    "AutoModelForImageTextToText": "modeling_spatialmosaic.SpatialMosaicForConditionalGeneration",
}


def config_from_dict(
    values: dict | PreTrainedConfig, config_classes: Mapping[str, type], name: str
) -> PreTrainedConfig:
    """Turn the stored form of a sub-configuration into an object of the class that its `model_type` names."""
    is_config = isinstance(values, PreTrainedConfig)
    model_type = values.model_type if is_config else values.get("model_type")
    if model_type not in config_classes:
        known = ", ".join(sorted(config_classes)) if len(config_classes) < 10 else "the model types of Transformers"
        raise ValueError(f"`{name}.model_type` must be one of {known}; found {model_type!r}.")
    return (
        values
        if is_config
        else config_classes[model_type](**{key: value for key, value in values.items() if key != "model_type"})
    )


@strict
class SpatialMosaicConfig(PreTrainedConfig):
    r"""
    Configuration of [`SpatialMosaicForConditionalGeneration`]. The defaults give the published sizes: SigLIP
    so400m-patch14-384, VGGT-1B and Qwen2-7B.

    Args:
        vision_config (`dict` or `SiglipVisionConfig`, *optional*):
            SigLIP vision tower, as published (its full depth; see `vision_feature_layer`).
        geometry_config (`dict` or `PreTrainedConfig`, *optional*):
            Geometry encoder; its `model_type` is a key of `GEOMETRY_ENCODERS`. Defaults to VGGT.
        text_config (`dict` or `PreTrainedConfig`, *optional*):
            Language model of the Qwen2 or Qwen3 family.
        image_token_id (`int`, *optional*, defaults to 151646):
            Id of the placeholder token; each image takes `tokens_per_image` of them.
        vision_feature_layer (`int`, *optional*, defaults to -2):
            The vision tower's output is the state after this layer, before the final norm: -1 is the last layer, -2
            the one before. Later layers are not built.
        fusion_type (`"cross_attention"` or `"patchwise"`, *optional*, defaults to `"cross_attention"`):
            Whether visual tokens query all geometry tokens of their image, as published, or take up what the geometry
            encoder says of their own place, which needs an encoder with a `patch_size`.
        fusion_num_heads (`int`, *optional*, defaults to 18):
            Heads of the cross-attention from visual to geometry tokens, if there is one.
        fusion_dropout (`float`, *optional*, defaults to 0.1):
            Dropout probability of the fusion block.
        fusion_dropout_placement (`"branch"` or `"sum"`, *optional*, defaults to `"branch"`):
            Whether dropout covers the geometry branch alone or, as published, also the visual residual.
        fusion_gate (`bool`, *optional*, defaults to `False`):
            Whether the branch is multiplied by the tanh of a learned scalar that starts at zero.
        tie_word_embeddings (`bool`, *optional*, defaults to `False`):
            Whether the output head shares the language model's input embeddings.
    """

    model_type = "spatialmosaic"
    sub_configs = {"vision_config": SiglipVisionConfig, "geometry_config": AutoConfig, "text_config": AutoConfig}

    vision_config: dict | PreTrainedConfig | None = None
    geometry_config: dict | PreTrainedConfig | None = None
    text_config: dict | PreTrainedConfig | None = None
    image_token_id: int = 151646
    vision_feature_layer: int = -2
    fusion_type: Literal["cross_attention", "patchwise"] = "cross_attention"
    fusion_num_heads: int = 18
    fusion_dropout: float = 0.1
    fusion_dropout_placement: Literal["branch", "sum"] = "branch"
    fusion_gate: bool = False
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs):
        vision = DEFAULT_VISION if self.vision_config is None else self.vision_config
        self.vision_config = SiglipVisionConfig(**vision) if isinstance(vision, dict) else vision
        geometry_classes = {model_type: classes[0] for model_type, classes in GEOMETRY_ENCODERS.items()}
        geometry = {"model_type": "spatialmosaic_vggt"} if self.geometry_config is None else self.geometry_config
        self.geometry_config = config_from_dict(geometry, geometry_classes, "geometry_config")
        text = DEFAULT_TEXT if self.text_config is None else self.text_config
        self.text_config = config_from_dict(text, CONFIG_MAPPING, "text_config")
        kwargs.setdefault("auto_map", dict(AUTO_MAP))
        super().__post_init__(**kwargs)

    @property
    def vision_grid(self) -> int:
        """Visual tokens per side before pooling; pixels beyond the last whole patch are unused."""
        return self.vision_config.image_size // self.vision_config.patch_size

    @property
    def pooled_grid(self) -> int:
        """Visual tokens per side after pooling."""
        return math.ceil(self.vision_grid / 2)

    @property
    def tokens_per_image(self) -> int:
        """Language-model tokens of an image: the pooled grid and one newline token per row."""
        return self.pooled_grid * (self.pooled_grid + 1)

    def validate_architecture(self):
        """Check that heads divide the vision width, that the feature layer exists, and that patches have places."""
        vision, geometry = self.vision_config, self.geometry_config
        has_places = geometry.model_type == "spatialmosaic_none" or hasattr(geometry, "patch_size")
        if self.fusion_type == "patchwise" and not has_places:
            raise ValueError(
                "The fusion 'patchwise' needs a geometry encoder whose configuration has a `patch_size`, got one of "
                f"type {geometry.model_type!r}. Choose the fusion 'cross_attention'."
            )
        if self.fusion_type == "cross_attention" and vision.hidden_size % self.fusion_num_heads:
            raise ValueError(
                "`vision_config.hidden_size` must be a multiple of `fusion_num_heads`, got "
                f"{vision.hidden_size} and {self.fusion_num_heads}."
            )
        if not -vision.num_hidden_layers <= self.vision_feature_layer <= -1:
            raise ValueError(
                f"`vision_feature_layer` counts from the end: expected -{vision.num_hidden_layers} to -1 for a tower "
                f"of {vision.num_hidden_layers} layers, got {self.vision_feature_layer}."
            )


__all__ = ["SpatialMosaicConfig"]
