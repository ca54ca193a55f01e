"""Processor: text with `<image>` placeholders and images -> model inputs."""

from pathlib import Path

from transformers import BatchFeature, PreTrainedTokenizerBase, ProcessorMixin
from transformers.image_utils import make_flat_list_of_images
from transformers.processing_utils import MultiModalData

from .configuration_spatialmosaic import SpatialMosaicConfig
from .image_processing_spatialmosaic import SpatialMosaicImageProcessor


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

    @classmethod
    def from_components(
        cls, tokenizer: PreTrainedTokenizerBase, config: SpatialMosaicConfig, chat_template: str | None = None
    ) -> "SpatialMosaicProcessor":
        r"""
        Make the processor of a model built by [`SpatialMosaicForConditionalGeneration.from_components`].

        Args:
            tokenizer ([`PreTrainedTokenizerBase`]):
                The VLM's tokenizer. It gets `<image>` where it has none.
            config ([`SpatialMosaicConfig`]):
                The model's configuration.
            chat_template (`str`, *optional*):
                Jinja template that writes an image part as `<image>`, in its place between the texts. By default the
                one of this package: those of other VLMs put all images first, which parts them from their names.

        Raises:
            `ValueError`: the tokenizer's id of `<image>` is not the model's.
        """
        tokenizer.add_tokens([cls.image_token], special_tokens=True)
        image_token_id = tokenizer.convert_tokens_to_ids(cls.image_token)
        if image_token_id != config.image_token_id:
            raise ValueError(
                f"Tokenizer and model must agree on the id of `{cls.image_token}`, found {image_token_id} and "
                f"{config.image_token_id}. Build the model with `image_token_id={image_token_id}`."
            )
        geometry = config.geometry_config.to_dict()
        sizes = {name: geometry[name] for name in ("image_size", "patch_size") if name in geometry}
        return cls(
            SpatialMosaicImageProcessor(**sizes),
            tokenizer,
            tokens_per_image=config.tokens_per_image,
            chat_template=chat_template or Path(__file__).with_name("chat_template.jinja").read_text(encoding="utf-8"),
        )

    def replace_image_token(self, image_inputs: BatchFeature, image_idx: int, **kwargs) -> str:
        return self.image_token * self.tokens_per_image

    def _get_num_multimodal_tokens(self, image_sizes: list | None = None, **kwargs) -> MultiModalData:
        """
        Tell inference engines that use Transformers models, such as vLLM, how many placeholders images of these sizes
        (height, width) take: always `tokens_per_image`. An image is never cut into several.
        """
        if image_sizes is None:
            return MultiModalData()
        return MultiModalData(
            num_image_tokens=[self.tokens_per_image] * len(image_sizes), num_image_patches=[1] * len(image_sizes)
        )

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
