import numpy as np
import pytest
import torch
from huggingface_hub.errors import StrictDataclassError
from PIL import Image

from modeling_spatialmosaic import SpatialMosaicImageProcessor


@pytest.fixture(scope="module")
def image_processor() -> SpatialMosaicImageProcessor:
    return SpatialMosaicImageProcessor()


@pytest.mark.parametrize("resize_mode", ["crop", "pad"])
@pytest.mark.parametrize("mode", ["rgb", "rgba"])
def test_reference_pixels(image_processor, golden_small, mode, resize_mode):
    """Exact: resizing, rounding to whole patches, compositing over white, central crop, white padding."""
    tensors = golden_small(f"vggt/preprocess/{mode}/")
    image = Image.fromarray(tensors["image_uint8_hwc"].numpy())
    pixel_values = image_processor(image, resize_mode=resize_mode, return_tensors="pt").pixel_values
    torch.testing.assert_close(pixel_values[0, :, ::13, ::13], tensors[f"{resize_mode}_every13"], atol=0, rtol=0)


# width, height of the photo -> height at a width of 518 pixels, by the rule on paper: 14 * round(37 * height / width),
# halves to even, at most 518
@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (640, 480, 392),  # 27.75 patches
        (480, 640, 518),  # 49.3 patches, cut to 37
        (100, 37, 196),  # 13.69
        (518, 511, 504),  # 36.5 goes to 36
        (518, 525, 518),  # 37.5 goes to 38, cut to 37
        (1920, 886, 238),  # 17.07
    ],
)
def test_height_is_whole_patches(image_processor, width, height, expected):
    pixel_values = image_processor(Image.new("RGB", (width, height)), return_tensors="pt").pixel_values
    assert pixel_values.shape == (1, 3, expected, 518)
    assert pixel_values.dtype == torch.float32


# The longer side has 4 patches, the shorter 1.5 (rounds to 2), 2.5 (to 2) or 0.5 and a bit (to 1); the rest is white
@pytest.mark.parametrize(
    ("width", "height", "rows", "columns"),
    [(56, 21, (14, 42), (0, 56)), (35, 56, (0, 56), (14, 42)), (56, 8, (21, 35), (0, 56)), (99, 99, (0, 56), (0, 56))],
)
def test_padding_makes_images_square(width, height, rows, columns):
    processor = SpatialMosaicImageProcessor(image_size=56, patch_size=14, resize_mode="pad")
    expected = np.ones((3, 56, 56))
    expected[:, slice(*rows), slice(*columns)] = 0
    pixel_values = processor(Image.new("RGB", (width, height)), return_tensors="np").pixel_values
    np.testing.assert_array_equal(pixel_values, expected[None])


def test_unknown_resize_mode(image_processor):
    with pytest.raises(StrictDataclassError, match=r"'resize_mode' expected one of \('crop', 'pad'\), got stretch"):
        image_processor(Image.new("RGB", (28, 28)), resize_mode="stretch")


def test_padding_an_image_too_thin(image_processor):
    with pytest.raises(ValueError, match="longer side .* Found an image of 10 x 1000 pixels"):
        image_processor(Image.new("RGB", (10, 1000)), resize_mode="pad")


def test_crop_keeps_the_central_rows():
    processor = SpatialMosaicImageProcessor(image_size=28, patch_size=14)
    rows = np.zeros((56, 28, 3), np.uint8)
    rows[14:42] = 255
    pixel_values = processor(Image.fromarray(rows), return_tensors="np").pixel_values
    assert pixel_values.shape == (1, 3, 28, 28)
    assert (pixel_values == 1).all()


def test_images_of_different_heights_are_padded_with_white():
    processor = SpatialMosaicImageProcessor(image_size=28, patch_size=14)
    flat, square = Image.new("RGB", (28, 14)), Image.new("RGB", (28, 28))
    pixel_values = processor([flat, square], return_tensors="np").pixel_values
    assert pixel_values.shape == (2, 3, 28, 28)
    assert (pixel_values[0, :, :7] == 1).all()
    assert (pixel_values[0, :, 7:21] == 0).all()
    assert (pixel_values[0, :, 21:] == 1).all()
    assert (pixel_values[1] == 0).all()


@pytest.mark.parametrize("mode", ["L", "P", "LA", "1", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode):
    processor = SpatialMosaicImageProcessor(image_size=28, patch_size=14)
    pixel_values = processor(Image.new(mode, (56, 28)), return_tensors="np").pixel_values
    assert pixel_values.shape == (1, 3, 14, 28)


def test_arrays_equal_photos(image_processor):
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    photo = image_processor(Image.fromarray(pixels), return_tensors="pt").pixel_values
    torch.testing.assert_close(image_processor(pixels, return_tensors="pt").pixel_values, photo)
    channels_first = torch.from_numpy(pixels).permute(2, 0, 1)
    torch.testing.assert_close(image_processor(channels_first, return_tensors="pt").pixel_values, photo)


def test_an_image_too_thin(image_processor):
    with pytest.raises(ValueError, match="Found an image of 1000 x 10 pixels"):
        image_processor(Image.new("RGB", (1000, 10)))


def test_size_of_partial_patches():
    with pytest.raises(ValueError, match="`image_size` must be a multiple of `patch_size`, got 100 and 14"):
        SpatialMosaicImageProcessor(image_size=100)(Image.new("RGB", (100, 100)))
