"""Image processor: photos -> RGB in [0, 1] at the geometry encoder's resolution."""

from typing import Literal

import numpy as np
from PIL import Image
from transformers import BatchFeature
from transformers.image_processing_backends import PilBackend
from transformers.image_transforms import to_pil_image
from transformers.image_utils import ChannelDimension
from transformers.processing_utils import ImagesKwargs


class SpatialMosaicImagesKwargs(ImagesKwargs, total=False):
    """
    image_size (`int`, *optional*):
        Width of the processed images in pixels, and their greatest height.
    patch_size (`int`, *optional*):
        Image heights are multiples of this number of pixels, as `image_size` must be.
    resize_mode (`"crop"` or `"pad"`, *optional*):
        Whether the width becomes `image_size`, or the longer side.
    """

    image_size: int
    patch_size: int
    resize_mode: Literal["crop", "pad"]


class SpatialMosaicImageProcessor(PilBackend):
    r"""
    Prepare images as VGGT expects them (section 2 of its specification), on the PIL backend.

    Each image is composited over white, converted to RGB, and resized with its aspect ratio kept, but for rounding to
    whole patches. In mode "crop" its width becomes `image_size`, and where it is then higher than that, it is cut to
    its central rows. Images that end up with different heights in one call are padded with white, centred, to the
    largest height. So a sample's pixels do not depend on the samples it is batched with only if all their images have
    the same shape. In mode "pad" the longer side becomes `image_size`, and white makes every image square.

    The result is not normalised: the model applies the normalisation of each tower itself.

    Args:
        image_size (`int`, *optional*, defaults to 518):
            Width of the processed images in pixels, and their greatest height.
        patch_size (`int`, *optional*, defaults to 14):
            Image heights are multiples of this number of pixels, as `image_size` must be.
        resize_mode (`"crop"` or `"pad"`, *optional*, defaults to `"crop"`):
            Whether the width becomes `image_size`, or the longer side.
    """

    valid_kwargs = SpatialMosaicImagesKwargs
    model_input_names = ["pixel_values"]
    do_convert_rgb = True
    image_size = 518
    patch_size = 14
    resize_mode = "crop"

    def process_image(self, image, **kwargs) -> np.ndarray:
        # Transformers composites over white only in its later versions; earlier ones drop the alpha channel.
        if isinstance(image, Image.Image) and image.has_transparency_data:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        return super().process_image(image, **kwargs)

    def _resize(self, image: Image.Image, image_size: int, patch_size: int, resize_mode: str) -> np.ndarray:
        """Resize and crop one RGB image to `(3, height, width)`, float32 in [0, 1]; no side exceeds `image_size`."""
        fitted = max(image.size) if resize_mode == "pad" else image.width  # the side that becomes `image_size`
        # Python rounds halves to even, and so does the reference.
        width, height = (
            image_size if side == fitted else patch_size * round(side * (image_size / fitted) / patch_size)
            for side in image.size
        )
        if min(width, height) == 0:
            raise ValueError(
                f"An image whose {'longer side' if resize_mode == 'pad' else 'width'} is resized to {image_size} "
                f"pixels must keep a side of at least half a patch of {patch_size} pixels. "
                f"Found an image of {image.width} x {image.height} pixels; crop or drop it."
            )
        pixels = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32) / 255
        top = max(height - image_size, 0) // 2
        return pixels[top : top + image_size].transpose(2, 0, 1)

    def _preprocess(
        self,
        images: list[np.ndarray],
        image_size: int,
        patch_size: int,
        resize_mode: str,
        return_tensors: str | None = None,
        **kwargs,
    ) -> BatchFeature:
        if image_size % patch_size:
            raise ValueError(f"`image_size` must be a multiple of `patch_size`, got {image_size} and {patch_size}.")
        resized = [
            self._resize(
                to_pil_image(image, input_data_format=ChannelDimension.FIRST), image_size, patch_size, resize_mode
            )
            for image in images
        ]
        height = image_size if resize_mode == "pad" else max(image.shape[1] for image in resized)
        pixel_values = np.ones((len(resized), 3, height, image_size), np.float32)
        for padded, image in zip(pixel_values, resized, strict=True):
            top, left = (height - image.shape[1]) // 2, (image_size - image.shape[2]) // 2
            padded[:, top : top + image.shape[1], left : left + image.shape[2]] = image
        return BatchFeature({"pixel_values": pixel_values}, tensor_type=return_tensors)


__all__ = ["SpatialMosaicImageProcessor"]
