"""Camera encoder and decoder, depth and ray head: sizes, chunks, only what is asked for, precision, known cameras."""

import pytest
import torch
from huggingface_hub.errors import StrictDataclassError

from modeling_spatialmosaic import DA3_SIZES, SpatialMosaicDa3Config, SpatialMosaicDa3ForReconstruction
from modeling_spatialmosaic.modeling_da3_heads import normalize_cameras
from modeling_spatialmosaic.pose_encoding import invert_transform, rotation_from_quaternion


HEADS_CONFIG = {
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "alternating_start": 2,
    "qk_norm_start": 2,
    "rope_start": 2,
    "image_size": 28,
    "patch_size": 14,
    "camera_num_hidden_layers": 1,
    "camera_num_attention_heads": 4,
    "camera_layer_scale_init": 1.0,
    "out_indices": [0, 1, 1, 3],
    "neck_hidden_sizes": [8, 8, 12, 12],
    "fusion_hidden_size": 8,
    "head_hidden_size": 4,
}
CAMERA = {"pose_encoding", "cam_from_world", "intrinsics"}
DENSE = ("depth", "depth_conf", "rays", "rays_conf")


@pytest.fixture
def model() -> SpatialMosaicDa3ForReconstruction:
    torch.manual_seed(0)
    return SpatialMosaicDa3ForReconstruction(SpatialMosaicDa3Config(**HEADS_CONFIG, initializer_range=0.2)).eval()


@pytest.fixture
def cameras() -> dict[str, torch.Tensor]:
    """Two scenes of three known cameras."""
    generator = torch.Generator().manual_seed(0)
    rotation = rotation_from_quaternion(torch.randn(2, 3, 4, generator=generator))
    translation = torch.randn(2, 3, 3, 1, generator=generator)
    intrinsics = torch.tensor([[30.0, 0.0, 14.0], [0.0, 25.0, 14.0], [0.0, 0.0, 1.0]]).expand(2, 3, 3, 3)
    return {"cam_from_world": torch.cat([rotation, translation], dim=-1), "intrinsics": intrinsics}


# Backbone, camera encoder, camera decoder, and head as released; without the coarser ray maps, whose five convolutions
# of widths F and F / 2, of 3 x 3, and whose last two layers exist three times
@pytest.mark.parametrize(
    ("size", "width", "parts"),
    [
        ("small", 64, (22_059_008, 7_178_496, 1_188_105, 3_873_854)),
        ("base", 128, (86_583_296, 28_660_224, 4_735_497, 15_387_582)),
        ("large", 256, (304_373_760, 50_927_616, 8_411_145, 47_229_246)),
    ],
)
def test_released_sizes(size, width, parts):
    with torch.device("meta"):
        model = SpatialMosaicDa3ForReconstruction(SpatialMosaicDa3Config(**DA3_SIZES[size]))
    half = width // 2
    convs = 3 * (9 * width * half + half) + 2 * (9 * width * half + width)
    coarser = 3 * (convs + 9 * half * 32 + 32 + 7 * 32 + 7)
    found = [
        sum(parameter.numel() for parameter in part.parameters())
        for part in (model.da3, model.camera_encoder, model.camera_decoder, model.dense_head)
    ]
    assert found == [*parts[:3], parts[3] - coarser]
    assert model.config.geometry_dim == 2 * {"small": 384, "base": 768, "large": 1024}[size]
    assert not list(model.named_buffers())


@pytest.mark.parametrize("chunk_size", [1, 4, 100])
@torch.no_grad()
def test_chunks_bound_the_frames_and_change_nothing(model, chunk_size):
    images = torch.rand(2, 3, 3, 28, 42)
    expected = model(images)
    frames = []
    model.dense_head.neck.register_forward_pre_hook(lambda _, inputs: frames.append(len(inputs[0][0])))
    model.config.dense_chunk_size = chunk_size
    output = model(images)
    assert max(frames) == min(chunk_size, 6) and sum(frames) == 6
    for name in DENSE:
        torch.testing.assert_close(output[name], expected[name], atol=1e-5, rtol=2e-5)
    assert output.depth.shape == (2, 3, 28, 42, 1) and output.rays.shape == (2, 3, 16, 24, 6)


@pytest.mark.parametrize(
    ("heads", "layers", "given"),
    [
        (["camera"], [3], CAMERA),
        (["depth"], [0, 1, 1, 3], set(DENSE[:2])),
        (["rays", "camera"], [0, 1, 1, 3], set(DENSE[2:]) | CAMERA),
    ],
)
@torch.no_grad()
def test_heads_ask_for_their_layers_only(model, heads, layers, given):
    asked, chains = [], []
    model.da3.register_forward_pre_hook(lambda _, __, inputs: asked.extend(inputs["output_layers"]), with_kwargs=True)
    for name in ("fusion", "ray_fusion"):
        getattr(model.dense_head, name).register_forward_pre_hook(lambda *_, name=name: chains.append(name))
    images = torch.rand(1, 2, 3, 28, 28)
    output = model(images, heads=heads)
    assert chains == ["fusion"] * ("depth" in heads) + ["ray_fusion"] * ("rays" in heads)
    every = model(images)
    assert asked == layers + [0, 1, 1, 3]
    assert set(output.keys()) == given
    for name in given:
        torch.testing.assert_close(output[name], every[name])


@torch.no_grad()
def test_scenes_of_a_batch_do_not_mix(model, cameras):
    images = torch.rand(2, 3, 3, 28, 28)
    for known in ({}, cameras):
        together = model(images, **known)
        for k in range(2):
            alone = model(images[k : k + 1], **{name: given[k : k + 1] for name, given in known.items()})
            for name in (*DENSE, *CAMERA):
                torch.testing.assert_close(together[name][k : k + 1], alone[name], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.no_grad()
def test_heads_stay_in_float32(model, cameras, tmp_path, dtype):
    """The backbone's rounding is all that differs: the heads of a half-precision model see and give float32."""
    model.save_pretrained(tmp_path)
    half = SpatialMosaicDa3ForReconstruction.from_pretrained(tmp_path, dtype=dtype).eval()
    assert {parameter.dtype for parameter in half.da3.parameters()} == {dtype}
    for head in (half.camera_encoder, half.camera_decoder, half.dense_head):
        assert {parameter.dtype for parameter in head.parameters()} == {torch.float32}
    images, camera_tokens = torch.rand(2, 3, 3, 28, 28), []
    model.camera_encoder.register_forward_hook(lambda _, __, tokens: camera_tokens.append(tokens))
    expected, output = model(images, **cameras), half(images, **cameras)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = model(images, **cameras)
    assert torch.equal(*camera_tokens)
    for name in (*DENSE, "pose_encoding"):
        for other in (output[name], mixed[name]):
            assert other.dtype == torch.float32
            torch.testing.assert_close(other, expected[name], atol=0.15, rtol=0.15)


def test_every_parameter_learns(model, cameras):
    images = torch.rand(2, 3, 3, 28, 28)
    model.train()
    for known in ({}, cameras):  # the learned camera tokens, then those of known cameras
        output = model(images, **known)
        sum(output[name].square().mean() for name in (*DENSE, "pose_encoding")).backward()
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert not without
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@torch.no_grad()
def test_known_cameras_keep_their_order(model, cameras):
    """With known cameras no reference is chosen: frames and cameras in another order give the same outputs."""
    images, order = torch.rand(2, 3, 3, 28, 28), [2, 0, 1]
    output = model(images, **cameras)
    other = model(images[:, order], **{name: given[:, order] for name, given in cameras.items()})
    for name in (*DENSE, *CAMERA):
        torch.testing.assert_close(other[name], output[name][:, order], atol=1e-4, rtol=1e-4)
    assert (model(images).depth - output.depth).abs().max() > 1e-3


def test_cameras_on_paper():
    """Cameras at 0, 3 and 4 along x, all turned by a quarter about z; the median distance is 3."""
    turn = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    centres = torch.tensor([[10.0, 5.0, 0.0], [13.0, 5.0, 0.0], [14.0, 5.0, 0.0]])
    cameras = torch.cat([turn.expand(3, 3, 3), -(centres @ turn.T)[..., None]], dim=-1)[None]
    normalized = normalize_cameras(cameras)
    # The first camera is the world: x of the scene is its y
    expected = torch.cat([torch.eye(3), torch.zeros(3, 1)], dim=-1).repeat(1, 3, 1, 1)
    expected[0, 1, 1, 3], expected[0, 2, 1, 3] = -1, -4 / 3
    torch.testing.assert_close(normalized, expected)
    near = normalize_cameras(torch.cat([turn.expand(3, 3, 3), -(centres / 1000 @ turn.T)[..., None]], dim=-1)[None])
    torch.testing.assert_close(near[0, 1, 1, 3].item(), -0.003 / 0.1)
    again = invert_transform(invert_transform(cameras))
    torch.testing.assert_close(again, cameras)


@torch.no_grad()
def test_fields_of_view_are_not_negative(model):
    model.camera_decoder.field_of_view.bias.fill_(-100.0)
    output = model(torch.rand(1, 2, 3, 28, 28), heads=["camera"])
    assert (output.pose_encoding[..., 7:] == 0).all() and output.intrinsics.isfinite().all()
    assert output.intrinsics[0, 0, 0, 0].item() == pytest.approx(14e6)


@pytest.mark.parametrize("missing", ["cam_from_world", "intrinsics"])
def test_half_known_cameras(model, cameras, missing):
    cameras.pop(missing)
    with pytest.raises(ValueError, match=r"both or neither; got .*None"):
        model(torch.rand(2, 3, 3, 28, 28), **cameras)


def test_cameras_of_other_frames(model, cameras):
    with pytest.raises(ValueError, match=r"shape \(2, 2, 3, 4\) .*; got \(2, 3, 3, 4\)"):
        model(torch.rand(2, 2, 3, 28, 28), **cameras)


def test_unknown_head(model):
    with pytest.raises(ValueError, match=r"`heads` must name some of camera, depth, rays, got \['points'\]"):
        model(torch.rand(1, 1, 3, 28, 28), heads=["points"])


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"out_indices": [0, 1, 2, 4]}, r"`out_indices` .* 0 to 3, got \[0, 1, 2, 4\]"),
        ({"camera_num_attention_heads": 5}, "must be a multiple of `camera_num_attention_heads`, got 32 and 5"),
    ],
)
def test_settings_that_only_the_heads_need(setting, match):
    config = SpatialMosaicDa3Config(**{**HEADS_CONFIG, **setting})
    with pytest.raises(ValueError, match=match):
        SpatialMosaicDa3ForReconstruction(config)


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"num_attention_heads": 5}, "must be a multiple of `num_attention_heads`, got 32 and 5"),
        ({"num_attention_heads": 16}, "must be a multiple of 4 for 2-D RoPE, got 2"),
        ({"alternating_start": 0}, "`alternating_start` must be a block from 1 to 3, got 0"),
        ({"alternating_start": 4}, "from 1 to 3, got 4"),
        ({"reference_view": "last"}, "reference_view"),
        ({"neck_hidden_sizes": [8, 8, 8, 10]}, "multiples of 4"),
        ({"dense_chunk_size": 0}, "`dense_chunk_size` must be at least 1, got 0"),
    ],
)
def test_impossible_settings(setting, match):
    with pytest.raises(StrictDataclassError, match=match):
        SpatialMosaicDa3Config(**{**HEADS_CONFIG, **setting})
