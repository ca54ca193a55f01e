"""Depth Anything 3 against the reference implementation's numbers, from images to cameras, depth and rays."""

import pytest
import torch

from modeling_spatialmosaic import SpatialMosaicDa3ForReconstruction
from modeling_spatialmosaic.convert_da3 import convert_da3
from modeling_spatialmosaic.modeling_da3 import choose_reference, reference_first, take_frames
from modeling_spatialmosaic.modeling_da3_heads import normalize_cameras
from modeling_spatialmosaic.modeling_dpt import SpatialMosaicDptResidualUnit, position_map
from modeling_spatialmosaic.modeling_geometry_layers import apply_rotary, rotary_from_positions
from modeling_spatialmosaic.modeling_multiview import IMAGENET_MEAN, IMAGENET_STD
from modeling_spatialmosaic.pose_encoding import (
    decode_pose,
    encode_pose,
    invert_transform,
    quaternion_from_rotation,
    rotation_from_quaternion,
)


CASES = ["square", "rect", "pair", "single", "posed"]
TAPS, EXPORTS = (3, 5, 7, 9), (1, 4, 9)
# What tensors cannot tell, where the tiny network is not as released
SETTINGS = {"camera_num_attention_heads": 8, "out_indices": TAPS}


@pytest.fixture(scope="module")
def tensors(golden) -> dict[str, torch.Tensor]:
    return golden("da3_tiny")


@pytest.fixture(scope="module", params=["eager", "sdpa"])
def model(request, tensors) -> SpatialMosaicDa3ForReconstruction:
    weights = {name.removeprefix("weights/"): t for name, t in tensors.items() if name.startswith("weights/")}
    model, _ = convert_da3(weights, **SETTINGS)
    model.set_attn_implementation(request.param)
    return model


def inputs_of(tensors: dict[str, torch.Tensor], case: str) -> dict[str, torch.Tensor]:
    """Inputs of the model; the reference's images are normalised already, ours are RGB in [0, 1]."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    inputs = {"pixel_values": tensors[f"inputs/{case}/images"] * std + mean}
    if case == "posed":
        inputs["cam_from_world"] = tensors["inputs/posed/extrinsics"][..., :3, :]
        inputs["intrinsics"] = tensors["inputs/posed/intrinsics"]
    return inputs


@pytest.mark.parametrize("case", CASES)
@torch.no_grad()
def test_every_output(model, tensors, case):
    output = model(**inputs_of(tensors, case))
    found = {
        "pose_enc": output.pose_encoding,
        "extrinsics": output.cam_from_world,
        "depth": output.depth.squeeze(-1),
        "depth_conf": output.depth_conf,
        "ray": output.rays,
        "ray_conf": output.rays_conf,
    }
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, tensors[f"outputs/{case}/{name}"], atol=1e-4, rtol=0, msg=name)
    torch.testing.assert_close(output.intrinsics, tensors[f"outputs/{case}/intrinsics"], atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("case", CASES)
@torch.no_grad()
def test_every_feature(model, tensors, case):
    inputs = inputs_of(tensors, case)
    images = inputs.pop("pixel_values")
    camera_tokens = model._encode_cameras(images, inputs.get("cam_from_world"), inputs.get("intrinsics"))
    asked = (*TAPS, *EXPORTS)
    output = model.da3(images, output_layers=asked, camera_tokens=camera_tokens)
    layer_outputs = dict(zip(asked, output.layer_outputs, strict=True))
    expected = {name.removeprefix(f"outputs/{case}/"): t for name, t in tensors.items() if f"outputs/{case}/" in name}
    for layer in TAPS:
        camera, patches = layer_outputs[layer].split([1, images.shape[3] * images.shape[4] // 196], dim=2)
        torch.testing.assert_close(patches, expected[f"features.{layer}"], atol=2e-5, rtol=0)
        torch.testing.assert_close(camera.squeeze(2), expected[f"camera_features.{layer}"], atol=2e-5, rtol=0)
    for layer in EXPORTS:
        exported = layer_outputs[layer][:, :, 1:, 48:]
        for scene, internal in enumerate(expected[f"export_internal_order.{layer}"]):
            # From block 1 on, the reference's own order has the reference frame first
            first = expected["reference_view"][scene].item() if "reference_view" in expected else 0
            for frame in range(len(internal)):
                position = 0 if frame == first else frame + 1 if frame < first else frame
                torch.testing.assert_close(exported[scene, frame], internal[position], atol=2e-5, rtol=0)
    if case != "posed":
        assert torch.equal(model.da3.get_geometry_tokens(images), layer_outputs[9])


@torch.no_grad()
def test_tokens_of_known_cameras(model, tensors):
    inputs = inputs_of(tensors, "posed")
    encoding = encode_pose(invert_transform(inputs["cam_from_world"]), inputs["intrinsics"], 56, 70)
    torch.testing.assert_close(encoding, tensors["outputs/posed/camera_condition_encoding"], atol=1e-5, rtol=0)
    tokens = model._encode_cameras(**inputs)
    torch.testing.assert_close(tokens, tensors["outputs/posed/camera_condition_tokens"], atol=2e-5, rtol=0)


@pytest.mark.parametrize(
    ("case", "strategy"),
    [
        ("square", "first"),
        ("square", "middle"),
        ("rect", "first"),
        ("rect", "middle"),
        ("rect", "saddle_sim_range"),
    ],
)
@torch.no_grad()
def test_other_references(model, tensors, case, strategy):
    prefix = f"outputs/{case}/strategy/{strategy}"
    tokens = tensors[f"outputs/{case}/selection_tokens"]
    assert torch.equal(choose_reference(tokens, strategy), tensors[f"{prefix}/reference_view"])
    model.config.reference_view, before = strategy, model.config.reference_view
    try:
        encoding = model(**inputs_of(tensors, case), heads=["camera"]).pose_encoding
    finally:
        model.config.reference_view = before
    torch.testing.assert_close(encoding, tensors[f"{prefix}/pose_enc"], atol=1e-4, rtol=0)


@pytest.mark.parametrize("strategy", ["first", "middle", "saddle_balanced", "saddle_sim_range"])
def test_choice_of_the_reference(tensors, strategy):
    tokens = tensors["unit/reference_view/tokens"]
    assert torch.equal(choose_reference(tokens, strategy), tensors[f"unit/reference_view/{strategy}"])


def test_order_of_the_frames(tensors):
    reference = tensors["unit/reference_view/saddle_balanced"]
    order = reference_first(reference, num_frames=6)
    assert torch.equal(order, tensors["unit/reference_view/order_after"])
    frames = torch.arange(18).view(3, 6, 1)
    assert torch.equal(take_frames(take_frames(frames, order), order.argsort(dim=-1)), frames)


@pytest.mark.parametrize("case", ["square", "rect"])
@torch.no_grad()
def test_the_reference_is_chosen_by_the_tokens_before_the_camera_token(model, tensors, case):
    tokens, seen = tensors[f"outputs/{case}/selection_tokens"], []
    hook = model.da3.blocks[0].register_forward_hook(lambda _, __, output: seen.append(output[:, 0]))
    model.da3(inputs_of(tensors, case)["pixel_values"])
    hook.remove()
    torch.testing.assert_close(seen[0].view(tokens.shape), tokens, atol=2e-5, rtol=0)
    assert torch.equal(choose_reference(tokens, "saddle_balanced"), tensors[f"outputs/{case}/reference_view"])


@torch.no_grad()
def test_maps_inside(model, tensors):
    head = model.dense_head
    modules = {f"block.{k}": model.da3.blocks[k] for k in range(6)}
    modules |= {f"head.resize.{k}": head.neck.resize_layers[k] for k in (1, 2, 3)}
    modules |= {f"head.refinenet{4 - k}": head.fusion.layers[k] for k in range(3)}
    modules |= {f"head.refinenet{4 - k}_aux": head.ray_fusion.layers[k] for k in range(3)}
    modules |= {"head.output_conv1": head.output_conv1, "head.output_conv1_aux.3": head.ray_convs}
    seen = {}
    hooks = [
        module.register_forward_hook(lambda _, __, output, name=name: seen.__setitem__(name, output))
        for name, module in modules.items()
    ]
    patches = model.da3.patch_embed.proj.register_forward_hook(
        lambda _, __, output: seen.__setitem__("patch_embed", output.flatten(2).transpose(1, 2))
    )
    model(**inputs_of(tensors, "rect"))
    for hook in (*hooks, patches):
        hook.remove()
    expected = {name.removeprefix("debug/rect/"): t for name, t in tensors.items() if name.startswith("debug/")}
    assert seen.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(seen[name].view(tensor.shape), tensor, atol=1e-3, rtol=0, msg=name)


# `one_row` has as many patches as the table, but is not square: it is resampled all the same
@pytest.mark.parametrize(
    ("case", "height", "width"),
    [
        ("square", 5, 5),
        ("rect", 4, 6),
        ("pair", 3, 5),
        ("single", 5, 4),
        ("posed", 4, 5),
        ("one_row", 1, 25),
        ("large", 9, 13),
    ],
)
@torch.no_grad()
def test_position_table(model, tensors, case, height, width):
    table = model.da3.patch_embed.resample_position_table(height, width)
    torch.testing.assert_close(table, tensors[f"unit/pos_embed/{case}"], atol=1e-5, rtol=0)


def test_rotary(tensors):
    cos, sin = rotary_from_positions(tensors["unit/rope/positions"], 12, 100.0)
    output = apply_rotary(tensors["unit/rope/input"], cos.unsqueeze(1), sin.unsqueeze(1))
    torch.testing.assert_close(output, tensors["unit/rope/output"], atol=1e-5, rtol=0)


@torch.no_grad()
def test_residual_unit(tensors):
    unit = SpatialMosaicDptResidualUnit(16, rectified_skip=False)
    prefix = "weights/model.head.scratch.refinenet1.resConfUnit1."
    unit.load_state_dict({name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)})
    output = unit(tensors["unit/residual_conv_unit/input"])
    torch.testing.assert_close(output, tensors["unit/residual_conv_unit/output"], atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("case", "channels", "height", "width", "aspect_ratio"), [("a", 16, 4, 6, 84 / 56), ("b", 24, 5, 3, 42 / 70)]
)
def test_position_map(tensors, case, channels, height, width, aspect_ratio):
    expected = tensors[f"unit/dpt_pos/{case}"].movedim(-1, 0)
    torch.testing.assert_close(position_map(channels, height, width, aspect_ratio), expected, atol=1e-5, rtol=0)


def test_poses(tensors):
    rotation = rotation_from_quaternion(tensors["unit/pose/quat"])
    torch.testing.assert_close(rotation, tensors["unit/pose/mat"], atol=1e-5, rtol=0)
    quaternion = quaternion_from_rotation(tensors["unit/pose/mat_all"])
    torch.testing.assert_close(quaternion, tensors["unit/pose/quat_from_mat"], atol=1e-5, rtol=0)
    world_from_cam, intrinsics = decode_pose(tensors["unit/pose/decode_encoding"], 56, 84)
    torch.testing.assert_close(world_from_cam, tensors["unit/pose/decode_c2w"], atol=1e-5, rtol=0)
    cam_from_world = invert_transform(world_from_cam)
    torch.testing.assert_close(cam_from_world, tensors["unit/pose/decode_extrinsics"], atol=1e-5, rtol=0)
    torch.testing.assert_close(intrinsics, tensors["unit/pose/decode_intrinsics"], atol=1e-3, rtol=1e-5)


def test_given_cameras_are_brought_to_one_world(tensors):
    cameras = normalize_cameras(tensors["unit/normalize_extrinsics/input"][..., :3, :])
    expected = tensors["unit/normalize_extrinsics/output"][..., :3, :]
    torch.testing.assert_close(cameras, expected, atol=1e-5, rtol=0)
