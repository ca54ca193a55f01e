"""A tiny model of the full design, with random weights, and its processor. Nothing is downloaded.

It is meant for demonstrations and tests on a CPU: same parts, same files, same training recipe as the full size.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, PreTrainedTokenizerFast

from .configuration_spatialmosaic import SpatialMosaicConfig
from .image_processing_spatialmosaic import SpatialMosaicImageProcessor
from .modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
from .processing_spatialmosaic import SpatialMosaicProcessor


PAD, IM_START, IM_END, IMAGE = "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>"
CHAT_TEXTS = ["system\nYou are a helpful assistant.", "user\nFrame 1:Frame 2:Frame 3:Frame 4:Frame 5:", "assistant\n"]
MAX_VOCAB_SIZE = 2048
IMAGE_SIZE, PATCH_SIZE = 112, 14  # 640 x 480 photos become 112 x 84 pixels, 8 x 6 patches

GEOMETRY_CONFIGS = {
    "spatialmosaic_vggt": {
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "vit_num_hidden_layers": 2,
        "vit_num_attention_heads": 4,
        "image_size": IMAGE_SIZE,
        "patch_size": PATCH_SIZE,
        # The released initial value, 0.01, would keep so shallow a stack from learning in a few hundred steps.
        "layer_scale_init": 1.0,
    },
    "spatialmosaic_da3": {
        "hidden_size": 64,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "alternating_start": 2,
        "qk_norm_start": 2,
        "rope_start": 2,
        "image_size": IMAGE_SIZE,
        "patch_size": PATCH_SIZE,
    },
    "spatialmosaic_pointmap": {"hidden_size": 64, "patch_size": PATCH_SIZE},
    "spatialmosaic_none": {},
}


def tokenizer_from_texts(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """
    Train a byte-level BPE tokenizer with ChatML markers. Bytes make every text encodable; digits stay single, and no
    token spans letters and punctuation, so an answer letter is one token.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=MAX_VOCAB_SIZE,
        min_frequency=2,
        special_tokens=[PAD, IM_START, IM_END, IMAGE],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*CHAT_TEXTS * 2, *texts], trainer=trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=IM_END,
        additional_special_tokens=[IM_START, IMAGE],
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def create_tiny_model(
    texts: Iterable[str],
    output_dir: str | os.PathLike,
    seed: int = 0,
    geometry: str = "spatialmosaic_vggt",
) -> None:
    """
    Write a tiny, randomly initialised model and its processor to a folder that the `Auto*` classes load.

    Args:
        texts (`Iterable[str]`): texts to train the tokenizer on, such as the questions and options of a dataset.
        output_dir (`str` or `os.PathLike`): folder to write to.
        seed (`int`, *optional*, defaults to 0): seed of the weights; the global random state is left as it was.
        geometry (`str`, *optional*, defaults to `"spatialmosaic_vggt"`): model type of the geometry encoder.
    """
    if geometry not in GEOMETRY_CONFIGS:
        raise ValueError(f"`geometry` must be one of {sorted(GEOMETRY_CONFIGS)}, got {geometry!r}.")
    tokenizer = tokenizer_from_texts(texts)
    config = SpatialMosaicConfig(
        vision_config={
            "hidden_size": 64,
            "intermediate_size": 256,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "image_size": IMAGE_SIZE,
            "patch_size": PATCH_SIZE,
        },
        geometry_config={"model_type": geometry, **GEOMETRY_CONFIGS[geometry]},
        text_config={
            "model_type": "qwen2",
            "vocab_size": len(tokenizer),
            "hidden_size": 128,
            "intermediate_size": 384,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 4096,
            "tie_word_embeddings": True,
            "bos_token_id": None,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE),
        fusion_num_heads=4,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = SpatialMosaicForConditionalGeneration(config)
    model.generation_config = GenerationConfig(
        max_new_tokens=16,
        do_sample=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        suppress_tokens=[config.image_token_id],  # an answer never holds an image
    )
    processor = SpatialMosaicProcessor(
        SpatialMosaicImageProcessor(image_size=IMAGE_SIZE, patch_size=PATCH_SIZE),
        tokenizer,
        tokens_per_image=config.tokens_per_image,
        chat_template=Path(__file__).with_name("chat_template.jinja").read_text(encoding="utf-8"),
    )
    model.save_pretrained(output_dir)
    processor.save_pretrained(output_dir)
