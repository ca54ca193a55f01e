"""PyTorch SpatialMosaic: a vision-language model whose visual tokens query a 3-D reconstruction model.

Shapes: `F` images of the whole batch, `T` visual tokens of an image, `G` geometry tokens of an image, `Dv` vision
width, `Dg` geometry width, `D` width of the language model, `B` samples, `L` tokens of a sample.
"""

import copy
import os
from dataclasses import dataclass

import torch
from torch import nn
from transformers import AutoModel, GenerationMixin, PreTrainedModel, SiglipVisionModel
from transformers import initialization as init
from transformers.cache_utils import Cache
from transformers.modeling_outputs import BaseModelOutputWithPast, BaseModelOutputWithPooling, CausalLMOutputWithPast
from transformers.processing_utils import Unpack
from transformers.utils import TransformersKwargs, can_return_tuple

from .components_spatialmosaic import (
    config_from_components,
    load_geometry,
    load_vlm,
    state_dict_from_components,
)
from .configuration_spatialmosaic import SpatialMosaicConfig
from .geometry_cache import GeometryCache
from .geometry_encoders import GEOMETRY_ENCODERS
from .modeling_fusion import FUSION_BLOCKS, SpatialMosaicFusion, sample_patches


@dataclass
class SpatialMosaicModelOutputWithPast(BaseModelOutputWithPast):
    """
    Args:
        image_hidden_states (`torch.Tensor` of shape `(F, tokens_per_image, D)`, *optional*):
            What the language model received for the images.
    """

    image_hidden_states: torch.Tensor | None = None


@dataclass
class SpatialMosaicCausalLMOutputWithPast(CausalLMOutputWithPast):
    """
    Args:
        image_hidden_states (`torch.Tensor` of shape `(F, tokens_per_image, D)`, *optional*):
            What the language model received for the images.
    """

    image_hidden_states: torch.Tensor | None = None


class SpatialMosaicProjector(nn.Module):
    """Two linear maps around the exact GELU, from vision width to language-model width."""

    def __init__(self, config: SpatialMosaicConfig):
        super().__init__()
        self.linear_1 = nn.Linear(config.vision_config.hidden_size, config.text_config.hidden_size)
        self.linear_2 = nn.Linear(config.text_config.hidden_size, config.text_config.hidden_size)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        return self.linear_2(nn.functional.gelu(self.linear_1(hidden_states)))


def pool_rows(features: torch.Tensor, grid: int, pooled_grid: int, newline: torch.Tensor) -> torch.Tensor:
    """
    Pool a square grid of features bilinearly and end every pooled row with the newline vector (section 5).

    Args:
        features (`torch.Tensor` of shape `(F, grid * grid, D)`): row-major features.
        newline (`torch.Tensor` of shape `(D,)`): the learned end of a row.

    Returns:
        `torch.Tensor` of shape `(F, pooled_grid * (pooled_grid + 1), D)`.
    """
    features = features.transpose(1, 2).unflatten(2, (grid, grid))  # (F, D, grid, grid)
    pooled = nn.functional.interpolate(features, size=(pooled_grid, pooled_grid), mode="bilinear", align_corners=False)
    pooled = pooled.permute(0, 2, 3, 1)  # (F, rows, columns, D)
    ends = newline.to(pooled).expand(*pooled.shape[:2], 1, -1)  # (F, rows, 1, D)
    return torch.cat([pooled, ends], dim=2).flatten(1, 2)


def is_frozen(module: nn.Module) -> bool:
    """Whether no parameter of the module is trained."""
    return not any(parameter.requires_grad for parameter in module.parameters())


class SpatialMosaicPreTrainedModel(PreTrainedModel):
    config: SpatialMosaicConfig
    base_model_prefix = "model"
    input_modalities = ("image", "text")
    supports_gradient_checkpointing = True
    _no_split_modules = ["SpatialMosaicFusionBlock", "SpatialMosaicPatchwiseFusion"]
    _skip_keys_device_placement = ["past_key_values"]
    _supports_sdpa = True
    _supports_attention_backend = True

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, SpatialMosaicFusion) and module.gate is not None:
            init.zeros_(module.gate)
        elif isinstance(module, SpatialMosaicModel):
            init.normal_(module.image_newline, std=self.config.text_config.hidden_size**-0.5)


class SpatialMosaicModel(SpatialMosaicPreTrainedModel):
    """
    Vision tower, geometry encoder, fusion block, projector and language model, without the output head.

    A tower without trainable parameters runs without gradients and stays in evaluation mode. The tokens of a frozen
    geometry encoder can be kept from question to question: set the environment variable
    `SPATIALMOSAIC_GEOMETRY_CACHE` to a folder, or `model.geometry_cache` to a `GeometryCache`.
    """

    def __init__(self, config: SpatialMosaicConfig):
        super().__init__(config)
        self.vision_tower = SiglipVisionModel._from_config(config.vision_config)
        # What comes after the feature layer is unused: further layers, the final norm, the pooling head.
        del self.vision_tower.encoder.layers[
            config.vision_config.num_hidden_layers + 1 + config.vision_feature_layer :
        ]
        self.vision_tower.post_layernorm = nn.Identity()
        self.vision_tower.head, self.vision_tower.use_head = None, False

        _, geometry_class = GEOMETRY_ENCODERS[config.geometry_config.model_type]
        has_geometry = geometry_class is not None
        self.geometry_tower = geometry_class._from_config(config.geometry_config) if has_geometry else None
        self.geometry_cache = GeometryCache.from_environment() if has_geometry else None
        self.fusion_block = FUSION_BLOCKS[config.fusion_type](config) if has_geometry else None

        self.multi_modal_projector = SpatialMosaicProjector(config)
        self.image_newline = nn.Parameter(torch.zeros(config.text_config.hidden_size))
        self.language_model = AutoModel.from_config(config.text_config)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.language_model.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module):
        self.language_model.set_input_embeddings(value)

    def train(self, mode: bool = True):
        super().train(mode)
        for tower in (self.vision_tower, self.geometry_tower):
            if tower is not None and is_frozen(tower):
                tower.eval()
        return self

    def _encode_vision(self, pixel_values: torch.Tensor, **kwargs) -> BaseModelOutputWithPooling:
        """Visual tokens `(F, T, Dv)` of images resized to the tower's square, aspect ratio not kept as published."""
        side = self.config.vision_config.image_size
        images = nn.functional.interpolate(
            pixel_values.float(), size=(side, side), mode="bilinear", antialias=True, align_corners=False
        )
        images = (images - 0.5) / 0.5  # SigLIP expects [-1, 1]
        with torch.set_grad_enabled(torch.is_grad_enabled() and not is_frozen(self.vision_tower)):
            return self.vision_tower(pixel_values=images, **kwargs)

    def _geometry_input(self, pixel_values: torch.Tensor, geometry_values: torch.Tensor | None) -> torch.Tensor:
        """The one of the two inputs that the geometry encoder takes; raises where it is missing or out of place."""
        takes = "pixel_values" if self.geometry_tower is None else self.geometry_tower.main_input_name
        if (takes == "geometry_values") != (geometry_values is not None):
            encoder = self.config.geometry_config.model_type
            raise ValueError(
                f"The geometry encoder {encoder!r} takes "
                + ("`geometry_values`, found none. Pass them." if geometry_values is None else "no `geometry_values`.")
            )
        if geometry_values is not None and geometry_values.shape[0] != pixel_values.shape[0]:
            raise ValueError(
                "`geometry_values` and `pixel_values` must describe the same images, flat over the batch, got "
                f"{geometry_values.shape[0]} and {pixel_values.shape[0]}."
            )
        return pixel_values if geometry_values is None else geometry_values

    def _encode_scenes(self, scenes: list[torch.Tensor]) -> list[torch.Tensor]:
        """Geometry tokens `(views, G, Dg)` of every scene. Scenes with equal view counts share a call."""
        tokens: list = [None] * len(scenes)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not is_frozen(self.geometry_tower)):
            for count in {len(scene) for scene in scenes}:
                members = [index for index, scene in enumerate(scenes) if len(scene) == count]
                batch = torch.stack([scenes[index] for index in members])  # (scenes, count, channels, H, W)
                for index, encoded in zip(members, self.geometry_tower.get_geometry_tokens(batch), strict=True):
                    tokens[index] = encoded
        return tokens

    def _encode_geometry(self, values: torch.Tensor, num_views: list[int]) -> torch.Tensor:
        """Geometry tokens `(F, G, Dg)`, every sample a scene of its own."""
        scenes = [scene for scene in values.split(num_views) if len(scene)]
        if self.geometry_cache is None:
            return torch.cat(self._encode_scenes(scenes))
        return torch.cat(self.geometry_cache.encode(scenes, self.geometry_tower, self._encode_scenes))

    @can_return_tuple
    def get_image_features(
        self,
        pixel_values: torch.Tensor,
        num_views: list[int] | None = None,
        geometry_values: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> BaseModelOutputWithPooling:
        r"""
        Encode images into language-model embeddings.

        Args:
            pixel_values (`torch.Tensor` of shape `(F, 3, H, W)`):
                RGB in [0, 1] at the geometry encoder's resolution, flat over the batch.
            num_views (`list[int]`, *optional*):
                How many consecutive images belong to each sample. By default all images show one scene.
            geometry_values (`torch.Tensor` of shape `(F, channels, H, W)`, *optional*):
                Further input of the images, for geometry encoders that take it.

        Returns:
            `BaseModelOutputWithPooling`: `pooler_output` of shape `(F, tokens_per_image, D)` holds the embeddings,
            `last_hidden_state` of shape `(F, T, Dv)` the fused visual tokens; `hidden_states` and `attentions`, on
            request, are those of the vision tower.
        """
        num_views = [pixel_values.shape[0]] if num_views is None else num_views
        geometry_input = self._geometry_input(pixel_values, geometry_values)
        vision_outputs = self._encode_vision(pixel_values, **kwargs)
        hidden_states = vision_outputs.last_hidden_state  # (F, T, Dv)
        if self.geometry_tower is not None:
            geometry_tokens = self._encode_geometry(geometry_input, num_views)
            if self.config.fusion_type == "patchwise":
                geometry_tokens = sample_patches(geometry_tokens, geometry_input.shape[-2:], self.config)
            hidden_states = self.fusion_block(hidden_states, geometry_tokens.to(hidden_states.dtype))
        features = self.multi_modal_projector(hidden_states)  # (F, T, D)
        features = pool_rows(features, self.config.vision_grid, self.config.pooled_grid, self.image_newline)
        return BaseModelOutputWithPooling(
            last_hidden_state=hidden_states,
            pooler_output=features,
            hidden_states=vision_outputs.hidden_states,
            attentions=vision_outputs.attentions,
        )

    def get_placeholder_mask(
        self, input_ids: torch.LongTensor | None, inputs_embeds: torch.Tensor | None = None
    ) -> torch.BoolTensor:
        """Which of the `(B, L)` positions belong to images; told from the embeddings where there are no ids."""
        if input_ids is not None:
            return input_ids == self.config.image_token_id
        token_id = torch.tensor(self.config.image_token_id, device=inputs_embeds.device)
        return (inputs_embeds == self.get_input_embeddings()(token_id)).all(dim=-1)

    def count_views(self, placeholder_mask: torch.BoolTensor, num_images: int) -> list[int]:
        """Number of images of each sample; raises where placeholders and images do not match."""
        tokens_per_image = self.config.tokens_per_image
        num_placeholders = placeholder_mask.sum(dim=1).tolist()
        if any(count % tokens_per_image for count in num_placeholders) or (
            sum(num_placeholders) != num_images * tokens_per_image
        ):
            raise ValueError(
                f"Every image needs {tokens_per_image} placeholder tokens (id {self.config.image_token_id}) in its "
                f"sample. Found {num_placeholders} placeholder tokens in the samples of this batch and {num_images} "
                "images in `pixel_values`. Pass text and images to the processor in one call, and do not truncate."
            )
        return [count // tokens_per_image for count in num_placeholders]

    @can_return_tuple
    def forward(
        self,
        input_ids: torch.LongTensor | None = None,
        pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.LongTensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        use_cache: bool | None = None,
        geometry_values: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> SpatialMosaicModelOutputWithPast:
        r"""
        Args:
            input_ids (`torch.LongTensor` of shape `(B, L)`, *optional*):
                Token ids; the image placeholders tell how many views each sample has.
            pixel_values (`torch.Tensor` of shape `(F, 3, H, W)`, *optional*):
                RGB in [0, 1] at the geometry encoder's resolution, flat over the batch, in the order of the
                placeholders.
            geometry_values (`torch.Tensor` of shape `(F, channels, H, W)`, *optional*):
                Further input of the same images, for geometry encoders that take it: point maps, for example.
        """
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("Pass exactly one of `input_ids` and `inputs_embeds`.")
        if inputs_embeds is None:
            inputs_embeds = self.get_input_embeddings()(input_ids)  # (B, L, D)

        features = None
        if pixel_values is not None:
            mask = self.get_placeholder_mask(input_ids, inputs_embeds)
            num_views = self.count_views(mask, pixel_values.shape[0])
            features = self.get_image_features(pixel_values, num_views, geometry_values).pooler_output
            features = features.to(inputs_embeds.device, inputs_embeds.dtype)
            inputs_embeds = inputs_embeds.masked_scatter(mask.unsqueeze(-1), features)
        elif geometry_values is not None:
            raise ValueError("`geometry_values` describe images; pass their `pixel_values` as well.")
        elif input_ids is not None and (past_key_values is None or past_key_values.get_seq_length() == 0):
            # Without this check a sample whose images were lost on the way would be trained as plain text.
            self.count_views(self.get_placeholder_mask(input_ids), 0)

        outputs = self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            use_cache=use_cache,
            **kwargs,
        )
        return SpatialMosaicModelOutputWithPast(**outputs, image_hidden_states=features)


class SpatialMosaicForConditionalGeneration(SpatialMosaicPreTrainedModel, GenerationMixin):
    """[`SpatialMosaicModel`] with the language-model head on top."""

    _tp_plan = {"lm_head": "colwise_gather_output"}
    _tied_weights_keys = {"lm_head.weight": "model.language_model.embed_tokens.weight"}

    def __init__(self, config: SpatialMosaicConfig):
        super().__init__(config)
        self.model = SpatialMosaicModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)
        self.post_init()

    @classmethod
    def from_components(
        cls,
        vlm: PreTrainedModel | str | os.PathLike,
        geometry: PreTrainedModel | str | os.PathLike | None,
        dtype: str | torch.dtype = "auto",
        **kwargs,
    ) -> "SpatialMosaicForConditionalGeneration":
        r"""
        Build a model from a vision-language model and a geometry encoder.

        Vision tower (up to its feature layer), projector, newline vector and language model come from the VLM; the
        fusion block is new and initialised at random. Train it before you ask questions.
        [`SpatialMosaicProcessor.from_components`] makes the matching processor.

        Args:
            vlm (`LlavaOnevisionForConditionalGeneration`, `str` or `os.PathLike`):
                SigLIP + Qwen model in the layout of LLaVA-OneVision, or its folder or Hub id.
            geometry (`PreTrainedModel`, `str`, `os.PathLike` or `None`):
                Geometry encoder of a type in `GEOMETRY_ENCODERS`, or its folder or Hub id; `None` for a model without.
            dtype (`str` or `torch.dtype`, *optional*, defaults to `"auto"`):
                Precision of the whole model; `"auto"` is that of the VLM.
            kwargs:
                Settings of [`SpatialMosaicConfig`], for example `fusion_num_heads` or `fusion_gate`.

        Raises:
            `ValueError`: the parts do not have the expected layout, or a setting does not fit them.
        """
        from_instances = isinstance(vlm, PreTrainedModel) or isinstance(geometry, PreTrainedModel)
        vlm = load_vlm(vlm, dtype)
        dtype = vlm.dtype if dtype == "auto" else dtype
        geometry = None if geometry is None else load_geometry(geometry, dtype)
        config = config_from_components(vlm, geometry, **kwargs)
        weights = state_dict_from_components(vlm, geometry, config)
        if from_instances:
            # Training the new model must not change the given ones
            weights = {name: tensor.clone() for name, tensor in weights.items()}
        model, info = cls.from_pretrained(
            None,
            config=config,
            state_dict=weights,
            dtype=dtype,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # reported below
        )
        wrong = {name for name in info["missing_keys"] if not name.startswith("model.fusion_block.")}
        wrong |= info["unexpected_keys"] | {name for name, *_ in info["mismatched_keys"]}
        if wrong:
            raise ValueError(
                "The weights of vision tower, projector, language model and geometry encoder must fit the "
                f"configuration. Missing, unexpected or of another shape: {', '.join(sorted(wrong))}. Leave out the "
                "settings that change these parts."
            )
        model.generation_config = copy.deepcopy(vlm.generation_config)
        model.generation_config.suppress_tokens = [config.image_token_id]  # an answer never holds an image
        return model

    def get_input_embeddings(self) -> nn.Module:
        return self.model.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module):
        self.model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        return self.lm_head

    def get_image_features(
        self,
        pixel_values: torch.Tensor,
        num_views: list[int] | None = None,
        geometry_values: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> BaseModelOutputWithPooling:
        """See [`SpatialMosaicModel.get_image_features`]."""
        return self.model.get_image_features(pixel_values, num_views, geometry_values, **kwargs)

    @can_return_tuple
    def forward(
        self,
        input_ids: torch.LongTensor | None = None,
        pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.LongTensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.LongTensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        geometry_values: torch.Tensor | None = None,
        **kwargs: Unpack[TransformersKwargs],
    ) -> SpatialMosaicCausalLMOutputWithPast:
        r"""
        Args:
            input_ids (`torch.LongTensor` of shape `(B, L)`, *optional*):
                Token ids; the image placeholders tell how many views each sample has.
            pixel_values (`torch.Tensor` of shape `(F, 3, H, W)`, *optional*):
                RGB in [0, 1] at the geometry encoder's resolution, flat over the batch, in the order of the
                placeholders.
            labels (`torch.LongTensor` of shape `(B, L)`, *optional*):
                Next-token targets; positions with -100 are ignored.
            logits_to_keep (`int` or `torch.Tensor`, *optional*, defaults to 0):
                Compute logits for this many last positions (0: all), or for the given positions.
            geometry_values (`torch.Tensor` of shape `(F, channels, H, W)`, *optional*):
                Further input of the same images, for geometry encoders that take it: point maps, for example.
        """
        outputs = self.model(
            input_ids=input_ids,
            pixel_values=pixel_values,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            geometry_values=geometry_values,
            **kwargs,
        )
        kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        logits = self.lm_head(outputs.last_hidden_state[:, kept])
        loss = None
        if labels is not None:
            loss = self.loss_function(
                logits=logits, labels=labels, vocab_size=self.config.text_config.vocab_size, **kwargs
            )
        return SpatialMosaicCausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
            image_hidden_states=outputs.image_hidden_states,
        )

    def _expand_inputs_for_generation(
        self, expand_size: int = 1, is_encoder_decoder: bool = False, input_ids=None, **model_kwargs
    ):
        # Images are flat over the batch: each sample's group is repeated as a whole. Interleaving single images, as
        # for other inputs, would hand one beam the images of another sample.
        flat = {name: model_kwargs.pop(name, None) for name in ("pixel_values", "geometry_values")}
        if flat["pixel_values"] is not None:
            inputs_embeds = model_kwargs.get("inputs_embeds")
            mask = self.model.get_placeholder_mask(input_ids if inputs_embeds is None else None, inputs_embeds)
            num_views = self.model.count_views(mask, flat["pixel_values"].shape[0])
            for name, values in flat.items():
                if values is not None:
                    groups = values.split(num_views)
                    flat[name] = torch.cat([group for group in groups for _ in range(expand_size)])
        input_ids, model_kwargs = super()._expand_inputs_for_generation(
            expand_size=expand_size, is_encoder_decoder=is_encoder_decoder, input_ids=input_ids, **model_kwargs
        )
        return input_ids, {**model_kwargs, **flat}

    def prepare_inputs_for_generation(self, input_ids: torch.LongTensor, *args, inputs_embeds=None, **kwargs) -> dict:
        # After the prefill, the library drops the inputs whose names it knows; `inputs_embeds` must be named for it.
        inputs = super().prepare_inputs_for_generation(input_ids, *args, inputs_embeds=inputs_embeds, **kwargs)
        if inputs.get("pixel_values") is None:
            inputs.pop("geometry_values", None)
        return inputs


__all__ = ["SpatialMosaicForConditionalGeneration", "SpatialMosaicModel", "SpatialMosaicPreTrainedModel"]
