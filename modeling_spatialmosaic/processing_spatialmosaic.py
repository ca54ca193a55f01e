"""Processor: text with `<image>` placeholders and images -> model inputs."""

from transformers import BatchFeature, ProcessorMixin
from transformers.image_utils import make_flat_list_of_images


class SpatialMosaicProcessor(ProcessorMixin):
    r"""
    Wrap an image processor and a tokenizer. Every `<image>` in the text becomes `tokens_per_image` placeholder tokens,
    from which the model reads how many views each sample has.

    Args:
        image_processor ([`SpatialMosaicImageProcessor`]):
            Prepares `pixel_values`, flat over the batch.
        tokenizer ([`PreTrainedTokenizerFast`]):
            Its vocabulary must hold `<image>` as one token.
        tokens_per_image (`int`, *optional*, defaults to 210):
            As in [`SpatialMosaicConfig`].
        chat_template (`str`, *optional*):
            Jinja template of conversations.
    """

    image_token = "<image>"

    def __init__(self, image_processor, tokenizer, tokens_per_image: int = 210, chat_template: str | None = None):
        if self.image_token not in tokenizer.get_vocab():
            raise ValueError(
                f"The tokenizer's vocabulary must hold `{self.image_token}` as one token; found none. Add it by "
                f"`tokenizer.add_special_tokens({{'additional_special_tokens': ['{self.image_token}']}})`."
            )
        self.tokens_per_image = tokens_per_image
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        super().__init__(image_processor, tokenizer, chat_template=chat_template)

    def replace_image_token(self, image_inputs: BatchFeature, image_idx: int, **kwargs) -> str:
        return self.image_token * self.tokens_per_image

    def validate_inputs(self, images=None, text=None, **kwargs):
        """Compare placeholders and images: sample by sample where the images are grouped, else in total."""
        if text is not None:
            num_placeholders = [sample.count(self.image_token) for sample in text]
            if images is None:
                num_images = [0] * len(text)
            elif isinstance(images, (list, tuple)) and images and isinstance(images[0], (list, tuple)):
                num_images = [len(group) for group in images]
            else:
                num_placeholders, num_images = [sum(num_placeholders)], [len(make_flat_list_of_images(images))]
            if num_placeholders != num_images:
                raise ValueError(
                    f"Every sample needs one {self.image_token} in its text per image. Found {num_placeholders} "
                    f"placeholders and {num_images} images in the samples of this call."
                )
        super().validate_inputs(images=images, text=text, **kwargs)


__all__ = ["SpatialMosaicProcessor"]
