"""What a SigLIP + Qwen VLM and a geometry encoder bring to a SpatialMosaic model: a configuration and weights.

The VLM has the layout of `LlavaOnevisionForConditionalGeneration`, whose names of parts are also ours.
"""

import copy
import os

import torch
from transformers import LlavaOnevisionForConditionalGeneration, PreTrainedConfig, PreTrainedModel

from .configuration_spatialmosaic import SpatialMosaicConfig
from .geometry_encoders import GEOMETRY_ENCODERS, SpatialMosaicNoGeometryConfig


# Parts of a SigLIP tower that come after the state that the fusion block reads
UNUSED_VISION_PARTS = ("model.vision_tower.post_layernorm.", "model.vision_tower.head.")


def load_vlm(vlm: PreTrainedModel | str | os.PathLike, dtype) -> PreTrainedModel:
    """The VLM itself, loaded where a folder or Hub id is given; raises where its layout is not the expected one."""
    if not isinstance(vlm, PreTrainedModel):
        model_type = PreTrainedConfig.get_config_dict(vlm)[0].get("model_type")
        if model_type != "llava_onevision":
            raise ValueError(
                "`vlm` must have the layout of LLaVA-OneVision, model type 'llava_onevision'. Found "
                f"{model_type!r} in the configuration of {vlm}."
            )
        return LlavaOnevisionForConditionalGeneration.from_pretrained(vlm, dtype=dtype)
    if not isinstance(vlm, LlavaOnevisionForConditionalGeneration):
        raise ValueError(
            f"`vlm` must be a LlavaOnevisionForConditionalGeneration or the folder of one, got {type(vlm).__name__}."
        )
    return vlm


def load_geometry(geometry: PreTrainedModel | str | os.PathLike, dtype) -> PreTrainedModel:
    """The geometry encoder itself, without heads; loaded where a folder or Hub id is given."""
    if not isinstance(geometry, PreTrainedModel):
        model_type = PreTrainedConfig.get_config_dict(geometry)[0].get("model_type")
        _, geometry_class = GEOMETRY_ENCODERS.get(model_type, (None, None))
        if geometry_class is None:
            raise ValueError(
                f"`geometry` must hold a model of one of the types {', '.join(sorted(GEOMETRY_ENCODERS))}. Found "
                f"{model_type!r} in the configuration of {geometry}."
            )
        return geometry_class.from_pretrained(geometry, dtype=dtype)
    if geometry.config.model_type not in GEOMETRY_ENCODERS:
        raise ValueError(
            f"`geometry` must be one of {', '.join(sorted(GEOMETRY_ENCODERS))}, got a model of type "
            f"{geometry.config.model_type!r}. Add it to `GEOMETRY_ENCODERS`."
        )
    return geometry.base_model


def config_from_components(vlm: PreTrainedModel, geometry: PreTrainedModel | None, **kwargs) -> SpatialMosaicConfig:
    """
    Configuration of the model that the two parts make.

    Args:
        kwargs: settings of [`SpatialMosaicConfig`] that win over what the parts say.

    Raises:
        `ValueError`: the VLM has a vision tower other than SigLIP, a projector of another form, or several feature
            layers.
    """
    source = vlm.config
    if source.vision_config.model_type != "siglip_vision_model":
        raise ValueError(f"The VLM's vision tower must be SigLIP, got {source.vision_config.model_type!r}.")
    layer, num_layers = source.vision_feature_layer, source.vision_config.num_hidden_layers
    for name, found, expected in (
        ("vision_feature_layer", isinstance(layer, int), "a single layer"),
        ("vision_feature_select_strategy", source.vision_feature_select_strategy == "full", "'full'"),
        ("projector_hidden_act", source.projector_hidden_act == "gelu", "'gelu'"),
        ("multimodal_projector_bias", source.multimodal_projector_bias, "True"),
    ):
        if not found:
            raise ValueError(f"The VLM's `{name}` must be {expected}, got {getattr(source, name)!r}.")
    settings = {
        "vision_config": copy.deepcopy(source.vision_config),
        "geometry_config": SpatialMosaicNoGeometryConfig() if geometry is None else copy.deepcopy(geometry.config),
        "text_config": copy.deepcopy(source.text_config),
        "image_token_id": source.image_token_id,
        # Both count the embeddings as state 0; we count from the end
        "vision_feature_layer": layer if layer < 0 else layer - num_layers - 1,
        "tie_word_embeddings": vlm.lm_head.weight is vlm.get_input_embeddings().weight,
    }
    config = SpatialMosaicConfig(**{**settings, **kwargs})
    if config.image_token_id >= config.text_config.vocab_size:
        raise ValueError(
            f"`image_token_id` is {config.image_token_id}, but the VLM has embeddings for "
            f"{config.text_config.vocab_size} tokens only. Call `vlm.resize_token_embeddings` first."
        )
    return config


def state_dict_from_components(
    vlm: PreTrainedModel, geometry: PreTrainedModel | None, config: SpatialMosaicConfig
) -> dict[str, torch.Tensor]:
    """Weights of the parts under the names of the whole, without those that it does not build. Nothing is copied."""
    num_layers = config.vision_config.num_hidden_layers + 1 + config.vision_feature_layer
    dropped = UNUSED_VISION_PARTS + tuple(
        f"model.vision_tower.encoder.layers.{layer}."
        for layer in range(num_layers, config.vision_config.num_hidden_layers)
    )
    weights = {name: tensor for name, tensor in vlm.state_dict().items() if not name.startswith(dropped)}
    if geometry is not None:
        weights |= {f"model.geometry_tower.{name}": tensor for name, tensor in geometry.state_dict().items()}
    if config.tie_word_embeddings:
        weights.pop("lm_head.weight")
    return weights


__all__ = ["config_from_components", "load_geometry", "load_vlm", "state_dict_from_components"]
