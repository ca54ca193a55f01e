"""Rules that the settings of every encoder of several views keep."""

from collections.abc import Sequence

from transformers import PreTrainedConfig


def validate_multiview_config(config: PreTrainedConfig, attention_heads: Sequence[str]) -> None:
    """
    Check the widths and levels of an encoder with 2-D RoPE and of its dense heads.

    Args:
        config (`PreTrainedConfig`): the settings.
        attention_heads (`Sequence[str]`): names of the settings that count heads within `hidden_size`.

    Raises:
        `ValueError`: the settings do not fit each other.
    """
    for name in attention_heads:
        if config.hidden_size % getattr(config, name):
            raise ValueError(
                f"`hidden_size` must be a multiple of `{name}`, got {config.hidden_size} and {getattr(config, name)}."
            )
    head_dim = config.hidden_size // config.num_attention_heads
    if head_dim % 4:
        raise ValueError(
            "The head dimension `hidden_size / num_attention_heads` must be a multiple of 4 for 2-D RoPE, got "
            f"{head_dim}."
        )
    if config.image_size % config.patch_size:
        raise ValueError(
            f"`image_size` must be a multiple of `patch_size`, got {config.image_size} and {config.patch_size}."
        )
    if len(config.out_indices) != 4 or len(config.neck_hidden_sizes) != 4:
        raise ValueError(
            "The dense heads have four levels: `out_indices` and `neck_hidden_sizes` must have 4 entries each, "
            f"got {list(config.out_indices)} and {list(config.neck_hidden_sizes)}."
        )
    if any(size % 4 for size in config.neck_hidden_sizes) or config.fusion_hidden_size % 8:
        raise ValueError(
            "The position maps of the dense heads need `neck_hidden_sizes` that are multiples of 4 and a "
            f"`fusion_hidden_size` that is a multiple of 8, got {list(config.neck_hidden_sizes)} and "
            f"{config.fusion_hidden_size}."
        )
    if config.dense_chunk_size < 1:
        raise ValueError(f"`dense_chunk_size` must be at least 1, got {config.dense_chunk_size}.")


__all__ = ["validate_multiview_config"]
