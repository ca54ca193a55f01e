"""Camera, depth and point head: the reference's numbers, chunks, only what is asked for, precision."""

import pytest
import torch
from huggingface_hub.errors import StrictDataclassError

from modeling_spatialmosaic import SpatialMosaicVggtConfig, SpatialMosaicVggtForReconstruction
from modeling_spatialmosaic.convert_vggt import UNUSED, convert_vggt, released_name
from modeling_spatialmosaic.modeling_dpt import SpatialMosaicDptResidualUnit, position_map
from modeling_spatialmosaic.modeling_vggt_heads import signed_expm1


HEADS_CONFIG = {
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "vit_num_hidden_layers": 1,
    "vit_num_attention_heads": 4,
    "image_size": 28,
    "patch_size": 14,
    "camera_num_hidden_layers": 1,
    "camera_num_attention_heads": 4,
    "out_indices": [0, 1, 1, 3],
    "neck_hidden_sizes": [8, 8, 12, 12],
    "fusion_hidden_size": 8,
    "head_hidden_size": 4,
    "layer_scale_init": 1.0,
}
DENSE = ("depth", "depth_conf", "world_points", "world_points_conf")


@pytest.fixture
def model() -> SpatialMosaicVggtForReconstruction:
    torch.manual_seed(0)
    return SpatialMosaicVggtForReconstruction(SpatialMosaicVggtConfig(**HEADS_CONFIG, initializer_range=0.2)).eval()


@pytest.fixture(scope="module", params=["eager", "sdpa"])
def reference_model(request, released_vggt) -> SpatialMosaicVggtForReconstruction:
    weights, settings = released_vggt
    model, _ = convert_vggt(weights, **settings)
    model.set_attn_implementation(request.param)
    return model


@pytest.mark.parametrize("case", ["square", "rect"])
def test_reference_outputs(reference_model, golden, case):
    tensors = golden("vggt_tiny")
    with torch.no_grad():
        output = reference_model(tensors[f"inputs/{case}/images"])
    expected = {name.split("/")[-1]: t for name, t in tensors.items() if name.startswith(f"outputs/{case}/")}
    assert len(output.pose_encodings) == 4
    for k, encoding in enumerate(output.pose_encodings):
        torch.testing.assert_close(encoding, expected[f"pose_enc.{k}"], atol=1e-4, rtol=0)
    for name in DENSE:
        torch.testing.assert_close(output[name], expected[name], atol=1e-4, rtol=0)
    torch.testing.assert_close(output.cam_from_world, expected["extrinsics"], atol=1e-4, rtol=0)
    torch.testing.assert_close(output.intrinsics, expected["intrinsics"], atol=1e-3, rtol=1e-4)


def test_reference_maps_inside_the_depth_head(reference_model, golden):
    tensors = golden("vggt_tiny")
    head = reference_model.depth_head
    modules = {f"resize.{k}": layer for k, layer in enumerate(head.neck.resize_layers)}
    modules |= {f"refinenet{4 - k}": layer for k, layer in enumerate(head.fusion.layers)}
    modules["output_conv1"] = head.output_conv1
    seen = {}
    hooks = [
        module.register_forward_hook(lambda _, __, output, name=name: seen.__setitem__(name, output))
        for name, module in modules.items()
    ]
    with torch.no_grad():
        reference_model(tensors["inputs/rect/images"], heads=["depth"])
    for hook in hooks:
        hook.remove()
    expected = {
        name.removeprefix("debug/rect/depth_head."): t for name, t in tensors.items() if name.startswith("debug/")
    }
    assert seen.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(seen[name], tensor, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("case", "channels", "height", "width"), [("a", 16, 4, 6), ("b", 24, 5, 3)])
def test_reference_position_map(golden_small, case, channels, height, width):
    expected = golden_small("vggt/")[f"unit/dpt_pos/{case}"]
    torch.testing.assert_close(position_map(channels, height, width, width / height), expected, atol=1e-5, rtol=0)


def test_reference_residual_unit(golden_small):
    tensors = golden_small("vggt/")
    unit = SpatialMosaicDptResidualUnit(16, rectified_skip=True)
    prefix = "weights/point_head.scratch.refinenet1.resConfUnit1."
    unit.load_state_dict({name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)})
    features = tensors["unit/residual_conv_unit/x"]
    with torch.no_grad():
        output = unit(features)
        torch.testing.assert_close(output, tensors["unit/residual_conv_unit/y"], atol=1e-5, rtol=0)
        # The other kind of skip carries negative values on
        unit.rectified_skip = False
        torch.testing.assert_close(unit(features) - output, features.clamp(max=0), atol=1e-5, rtol=0)


def test_reference_activations(golden_small):
    tensors = golden_small("vggt/unit/activation/")
    values, confidence = tensors["raw"].movedim(1, -1).split([3, 1], dim=-1)
    torch.testing.assert_close(values.exp(), tensors["exp"], atol=1e-5, rtol=0)
    torch.testing.assert_close(signed_expm1(values), tensors["inv_log"], atol=1e-5, rtol=0)
    torch.testing.assert_close(1 + confidence.squeeze(-1).exp(), tensors["expp1"], atol=1e-5, rtol=0)


def test_released_size_has_exactly_the_released_tensors(released_vggt_shapes):
    with torch.device("meta"):
        model = SpatialMosaicVggtForReconstruction(SpatialMosaicVggtConfig())
    ours = {released_name(name): list(parameter.shape) for name, parameter in model.named_parameters()}
    expected = {name: shape for name, shape in released_vggt_shapes.items() if not name.startswith(tuple(UNUSED))}
    assert ours == expected
    assert len(expected) == 1797 - 394 - 1  # all, without the track head and the mask token
    assert not list(model.named_buffers())


@pytest.mark.parametrize("chunk_size", [1, 4, 100])
def test_chunks_bound_the_frames_and_change_nothing(model, chunk_size):
    images = torch.rand(2, 3, 3, 28, 42)
    with torch.no_grad():
        expected = model(images)
        frames = []
        model.point_head.neck.register_forward_pre_hook(lambda _, inputs: frames.append(len(inputs[0][0])))
        model.config.dense_chunk_size = chunk_size
        output = model(images)
    assert max(frames) == min(chunk_size, 6)
    assert sum(frames) == 6
    for name in DENSE:
        torch.testing.assert_close(output[name], expected[name], atol=1e-5, rtol=2e-5)


@pytest.mark.parametrize(
    ("heads", "layers", "given"),
    [
        (["camera"], [], {"pose_encodings", "cam_from_world", "intrinsics"}),
        (["depth"], [0, 1, 1, 3], {"depth", "depth_conf"}),
        (["points", "camera"], [0, 1, 1, 3], set(DENSE[2:]) | {"pose_encodings", "cam_from_world", "intrinsics"}),
    ],
)
def test_heads_ask_for_their_layers_only(model, heads, layers, given):
    asked = []
    model.vggt.register_forward_pre_hook(lambda _, __, inputs: asked.extend(inputs["output_layers"]), with_kwargs=True)
    images = torch.rand(1, 2, 3, 28, 28)
    with torch.no_grad():
        output = model(images, heads=heads)
        every = model(images)
    assert asked == layers + [0, 1, 1, 3]
    assert set(output.keys()) == given
    for name in given - {"pose_encodings"}:
        torch.testing.assert_close(output[name], every[name])


def test_scenes_of_a_batch_do_not_mix(model):
    images = torch.rand(3, 2, 3, 28, 28)
    with torch.no_grad():
        together = model(images)
        for k in range(3):
            alone = model(images[k : k + 1])
            for name in (*DENSE, "cam_from_world", "intrinsics"):
                torch.testing.assert_close(together[name][k : k + 1], alone[name], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_heads_stay_in_float32(model, tmp_path, dtype):
    """The aggregator's rounding is all that differs: the heads of a half-precision model see and give float32."""
    model.save_pretrained(tmp_path)
    half = SpatialMosaicVggtForReconstruction.from_pretrained(tmp_path, dtype=dtype).eval()
    assert {parameter.dtype for parameter in half.vggt.parameters()} == {dtype}
    for head in (half.camera_head, half.depth_head, half.point_head):
        assert {parameter.dtype for parameter in head.parameters()} == {torch.float32}
    images = torch.rand(1, 2, 3, 28, 28)
    with torch.no_grad():
        expected, output = model(images), half(images)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            mixed = model(images)
    for name in (*DENSE, "cam_from_world"):
        for other in (output[name], mixed[name]):
            assert other.dtype == torch.float32
            torch.testing.assert_close(other, expected[name], atol=0.1, rtol=0.1)


def test_every_parameter_learns(model):
    output = model.train()(torch.rand(1, 2, 3, 28, 28))
    loss = sum(encoding.square().sum() for encoding in output.pose_encodings)
    loss = loss + sum(output[name].square().mean() for name in DENSE)
    loss.backward()
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert not without
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_refinements_are_trained_on_their_own(model):
    """No gradient reaches the first estimate from the second one, so none reaches its learned starting value."""
    output = model(torch.rand(1, 2, 3, 28, 28), heads=["camera"])
    output.pose_encodings[1].sum().backward()
    assert model.camera_head.empty_pose_tokens.grad is None
    assert model.camera_head.embed_pose.weight.grad is not None


def test_unknown_head(model):
    with pytest.raises(ValueError, match=r"`heads` must name some of camera, depth, points, got \['track'\]"):
        model(torch.rand(1, 1, 3, 28, 28), heads=["track"])


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"out_indices": [0, 1, 2, 4]}, r"`out_indices` .* 0 to 3, got \[0, 1, 2, 4\]"),
        ({"camera_num_attention_heads": 5}, "must be a multiple of `camera_num_attention_heads`, got 64 and 5"),
    ],
)
def test_settings_that_only_the_heads_need(setting, match):
    config = SpatialMosaicVggtConfig(**{**HEADS_CONFIG, **setting})
    with pytest.raises(ValueError, match=match):
        SpatialMosaicVggtForReconstruction(config)


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"out_indices": [0, 1, 2]}, "must have 4 entries each"),
        ({"neck_hidden_sizes": [8, 8, 8, 10]}, "multiples of 4"),
        ({"fusion_hidden_size": 12}, "multiple of 8"),
        ({"dense_chunk_size": 0}, "`dense_chunk_size` must be at least 1, got 0"),
    ],
)
def test_impossible_settings(setting, match):
    with pytest.raises(StrictDataclassError, match=match):
        SpatialMosaicVggtConfig(**{**HEADS_CONFIG, **setting})
