import pytest
import torch
from PIL import Image


TOKENS_PER_IMAGE = 20  # 112 pixels: 8 x 8 patches of 14, pooled to 4 x 4, one newline per row


def test_chat_template_names_the_views(processor, messages):
    text = processor.apply_chat_template(messages(2, "Which?"), add_generation_prompt=True)
    assert text == (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
        "<|im_start|>user\nFrame 1:<image>Frame 2:<image>Which?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_chat_template_of_a_conversation(processor):
    conversation = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "1 + 1?"},
        {"role": "assistant", "content": [{"type": "text", "text": "2"}]},
    ]
    assert processor.apply_chat_template(conversation) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n1 + 1?<|im_end|>\n"
        "<|im_start|>assistant\n2<|im_end|>\n"
    )


def test_the_prompt_is_the_beginning_of_the_conversation(processor, messages):
    """Trainers split a conversation at the length of its prompt."""
    prompt = messages(2)
    full = processor.apply_chat_template([*prompt, {"role": "assistant", "content": "B"}])
    assert full.startswith(processor.apply_chat_template(prompt, add_generation_prompt=True))


def test_assistant_mask_covers_the_answer(processor, messages):
    conversation = [*messages(1), {"role": "assistant", "content": [{"type": "text", "text": "B"}]}]
    conversation[0]["content"][1]["image"] = Image.new("RGB", (40, 30))
    inputs = processor.apply_chat_template(
        conversation,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"return_assistant_tokens_mask": True},
        return_assistant_tokens_mask=True,
    )
    mask = inputs["assistant_masks"].bool()
    assert processor.tokenizer.decode(inputs["input_ids"][mask]) == "B<|im_end|>"


def test_unknown_message_part(processor):
    with pytest.raises(Exception, match="must have type `text` or `image`, got `video`"):
        processor.apply_chat_template([{"role": "user", "content": [{"type": "video"}]}])


def test_one_image_tensor_and_its_placeholders(prepare, processor, random_views):
    inputs = prepare([random_views(2), random_views(5), random_views(1)])
    assert set(inputs) == {"input_ids", "attention_mask", "pixel_values"}
    assert inputs.pixel_values.shape == (8, 3, 84, 112)
    assert inputs.pixel_values.min() >= 0 and inputs.pixel_values.max() <= 1
    placeholders = (inputs.input_ids == processor.image_token_id).sum(dim=1)
    assert placeholders.tolist() == [2 * TOKENS_PER_IMAGE, 5 * TOKENS_PER_IMAGE, TOKENS_PER_IMAGE]
    assert (inputs.attention_mask[2] == 0).any() and inputs.attention_mask[2, -1] == 1, "padding is on the left"


def test_images_follow_the_order_of_the_samples(prepare, random_views, processor):
    samples = [random_views(2), random_views(1)]
    together = prepare(samples).pixel_values
    flat = [image for views in samples for image in views]
    for row, image in zip(together, flat, strict=True):
        alone = processor.image_processor(image, return_tensors="pt").pixel_values[0]
        assert torch.equal(row, alone)


@pytest.mark.parametrize(
    ("texts", "counts", "match"),
    [
        (["<image>", "<image><image>"], [2, 1], r"Found \[1, 2\] placeholders and \[2, 1\] images"),
        (["<image>"], [2], r"Found \[1\] placeholders and \[2\] images"),
        (["Frame 1:"], [1], r"Found \[0\] placeholders and \[1\] images"),
    ],
)
def test_placeholders_and_images_that_do_not_match(processor, random_views, texts, counts, match):
    with pytest.raises(ValueError, match=match):
        processor(text=texts, images=[random_views(count) for count in counts])


def test_images_that_are_not_grouped(processor, random_views):
    views = random_views(3)
    inputs = processor(text=["<image><image>", "<image>"], images=views, padding=True, return_tensors="pt")
    assert inputs.pixel_values.shape[0] == 3
    assert processor(text="<image>", images=views[0], return_tensors="pt").pixel_values.shape[0] == 1
    with pytest.raises(ValueError, match=r"Found \[2\] placeholders and \[3\] images"):
        processor(text=["<image>", "<image>"], images=views)


def test_placeholders_without_images(processor):
    with pytest.raises(ValueError, match=r"Found \[1\] placeholders and \[0\] images"):
        processor(text="<image>")


def test_answers_are_single_tokens(processor):
    """A letter is one token wherever it stands, so that the loss and the parser see it alone."""
    tokenizer = processor.tokenizer
    for letter in "ABCD":
        assert len(tokenizer(letter).input_ids) == 1
        assert tokenizer(f"\n{letter}. 4").input_ids.count(tokenizer(letter).input_ids[0]) == 1
    assert len(tokenizer("1234").input_ids) == 4
    assert tokenizer("<image>").input_ids == [processor.image_token_id]


def test_every_text_survives_the_tokenizer(processor):
    text = "Ein Stühlchen, 椅子 — 3.5 m\t(x, y)\n"
    assert processor.tokenizer.decode(processor.tokenizer(text).input_ids) == text


def test_a_tokenizer_without_the_placeholder(processor):
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    from modeling_spatialmosaic import SpatialMosaicProcessor

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    with pytest.raises(ValueError, match="must hold `<image>` as one token"):
        SpatialMosaicProcessor(processor.image_processor, tokenizer)


def test_counts_for_inference_engines(processor, random_views, messages):
    """What the library's guide to backends asks for: counts by size that agree with the processor's own output."""
    views = [*random_views(1, 160, 120), *random_views(1, 90, 160)]
    counts = processor._get_num_multimodal_tokens(image_sizes=[(view.height, view.width) for view in views])
    assert counts["num_image_patches"] == [1, 1]
    text = processor.apply_chat_template(messages(2), add_generation_prompt=True)
    inputs = processor(images=views, text=text, return_tensors="pt", return_mm_token_type_ids=True)
    assert sum(counts["num_image_tokens"]) == (inputs.input_ids == processor.image_token_id).sum()
    assert torch.equal(inputs.mm_token_type_ids == 1, inputs.input_ids == processor.image_token_id)
    assert "num_image_tokens" not in processor._get_num_multimodal_tokens()


def test_every_image_has_one_entry_of_features(shared_model, processor, random_views):
    """Inference engines ask for the features of images alone and cut them by the counts above."""
    pixel_values = processor.image_processor(random_views(3), return_tensors="pt").pixel_values
    with torch.no_grad():
        features = shared_model.get_image_features(pixel_values=pixel_values).pooler_output
    assert features.shape[:2] == (3, processor.tokens_per_image)
