"""The backbone as it is run: a plain twin, what it keeps in memory, batches, precision, attention, compilation."""

import gc

import pytest
import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from modeling_spatialmosaic import SpatialMosaicDa3Config, SpatialMosaicDa3Model


SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "alternating_start": 2,
    "qk_norm_start": 2,
    "rope_start": 2,
    "image_size": 28,
    "patch_size": 14,
    "initializer_range": 0.2,
    "out_indices": [0, 1, 2, 3],
}
# 2 scenes of 3 frames of 2 x 3 patches, with the class or camera token
IMAGES_SHAPE = (2, 3, 3, 28, 42)
NUM_STATES = 2 * 3 * (1 + 6) * 32


def backbone(attention: str = "sdpa", **settings) -> SpatialMosaicDa3Model:
    torch.manual_seed(0)
    config = SpatialMosaicDa3Config(**{**SIZES, **settings})
    model = SpatialMosaicDa3Model._from_config(config, attn_implementation=attention).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # so that no norm or scale is trivial
            parameter += 0.1 * torch.randn(parameter.shape)
    return model


def rotated(state: torch.Tensor, position: tuple[int, int]) -> torch.Tensor:
    """A head's state turned by row and column, pair by pair."""
    half, result = len(state) // 2, state.clone()
    for part, place in enumerate(position):
        for j in range(half // 2):
            angle = torch.tensor(place * 100.0 ** (-2 * j / half))
            a, b = part * half + j, part * half + j + half // 2
            result[a] = state[a] * angle.cos() - state[b] * angle.sin()
            result[b] = state[b] * angle.cos() + state[a] * angle.sin()
    return result


def twin(model: SpatialMosaicDa3Model, images: torch.Tensor, layer: int) -> torch.Tensor:
    """Output of a block for one scene `(S, 3, H, W)`, written out frame by frame and token by token."""
    config = model.config
    num_frames, rows, columns = len(images), images.shape[2] // 14, images.shape[3] // 14
    frames = list(model.patch_embed(images))
    order, places = list(range(num_frames)), [(y + 1, x + 1) for y in range(rows) for x in range(columns)]

    def run(block, tokens, positions):
        normed = block.norm1(tokens)
        query, key, value = (part.unflatten(-1, (4, 8)) for part in block.attn.qkv(normed).chunk(3, dim=-1))
        query, key = block.attn.q_norm(query), block.attn.k_norm(key)
        if positions is not None:
            query, key = (
                torch.stack([torch.stack([rotated(h, at) for h in t]) for t, at in zip(part, positions, strict=True)])
                for part in (query, key)
            )
        weights = (torch.einsum("ihd,jhd->hij", query, key) * 8**-0.5).softmax(dim=-1)
        attended = torch.einsum("hij,jhd->ihd", weights, value).flatten(1)
        tokens = tokens + block.layer_scale1 * block.attn.proj(attended)
        return tokens + block.layer_scale2 * block.mlp(block.norm2(tokens))

    for index, block in enumerate(model.blocks[: layer + 1]):
        if index == config.alternating_start - 1 and num_frames > 2:
            order = [num_frames // 2, *(k for k in range(num_frames) if k != num_frames // 2)]
            frames = [frames[k] for k in order]
        if index == config.alternating_start:
            for k, frame in enumerate(frames):
                frames[k] = torch.cat([model.camera_token[0, min(k, 1)][None], frame[1:]])
        turns = index >= config.rope_start
        if index >= config.alternating_start and index % 2:
            positions = ([(0, 0)] + [(1, 1)] * len(places)) * num_frames
            states = run(block, torch.cat(frames), positions if turns else None)
            frames = list(states.split(1 + len(places)))
        else:
            frames = [run(block, frame, [(0, 0), *places] if turns else None) for frame in frames]
            local = frames
    outputs = [
        torch.cat([local[k], torch.cat([frames[k][:1], model.norm(frames[k][1:])])], dim=-1) for k in range(num_frames)
    ]
    return torch.stack([outputs[order.index(k)] for k in range(num_frames)])


@pytest.mark.parametrize("num_frames", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("alternating_start", "qk_norm_start", "rope_start"), [(1, 2, 0), (2, 0, 3), (3, 3, 1), (4, 5, 5)]
)
@torch.no_grad()
def test_the_three_starts_are_independent(alternating_start, qk_norm_start, rope_start, num_frames):
    """Even and odd starts, against the specification written out; the middle frame is the reference."""
    model = backbone(
        num_hidden_layers=6,
        alternating_start=alternating_start,
        qk_norm_start=qk_norm_start,
        rope_start=rope_start,
        reference_view="middle",
    )
    images = torch.rand(1, num_frames, 3, 28, 42)
    layers = range(6)
    for layer, output in zip(layers, model(images, output_layers=layers).layer_outputs, strict=True):
        torch.testing.assert_close(output[0], twin(model, images[0], layer), atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_frames_in_another_order_give_the_same_tokens():
    """The reference is chosen by what it shows, and no token tells the place of its frame."""
    model, images = backbone(), torch.rand(1, 5, 3, 28, 42)
    tokens = model.get_geometry_tokens(images)
    order = torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(model.get_geometry_tokens(images[:, order]), tokens[:, order], atol=1e-4, rtol=1e-4)
    model.config.reference_view = "first"
    assert (
        model.get_geometry_tokens(images[:, order]) - model.get_geometry_tokens(images)[:, order]
    ).abs().max() > 0.1


@pytest.mark.parametrize("num_frames", [1, 2, 3, 5])
@torch.no_grad()
def test_scenes_of_a_batch_do_not_mix(num_frames):
    model, images = backbone(), torch.rand(3, num_frames, 3, 28, 42)
    together = model.get_geometry_tokens(images)
    for k in range(3):
        torch.testing.assert_close(together[k : k + 1], model.get_geometry_tokens(images[k : k + 1]))


def live_state_tensors(num_layers: int, output_layers: list[int]) -> int:
    """Memory held before the last block runs, in units of one block's output, over what was held before the model."""

    def held() -> dict[int, int]:
        gc.collect()
        # By type: a compilation before may have left tensors without memory of their own
        tensors = (thing for thing in gc.get_objects() if type(thing) in {torch.Tensor, torch.nn.Parameter})
        storages = (tensor.untyped_storage() for tensor in tensors if tensor.device.type == "cpu")
        return {storage.data_ptr(): storage.nbytes() for storage in storages}

    model = backbone(num_hidden_layers=num_layers)
    images = torch.rand(IMAGES_SHAPE)
    before, seen = held(), []
    model.blocks[-1].register_forward_pre_hook(lambda *_: seen.append(held()))
    with torch.no_grad():
        model(images, output_layers=output_layers)
    new = [size for pointer, size in seen[0].items() if pointer not in before]
    return sum(size // (4 * NUM_STATES) for size in new)


def test_layers_that_are_not_requested_are_not_kept():
    # Before a last block across frames, its input is all that is held; it is the local half of the output, too
    assert live_state_tensors(4, []) == 1
    assert live_state_tensors(8, []) == 1
    # A layer output is as large as two block outputs
    assert live_state_tensors(8, [3]) == 1 + 2
    assert live_state_tensors(8, [0, 1, 2, 3, 4]) == 1 + 10


def test_the_last_layer_is_not_held_twice():
    with torch.no_grad():
        output = backbone()(torch.rand(IMAGES_SHAPE), output_layers=[3])
    assert output.layer_outputs[0] is output.last_hidden_state


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@torch.no_grad()
def test_precision(attention, dtype):
    images = torch.rand(IMAGES_SHAPE)
    expected = backbone(attention="eager", reference_view="first")(images).last_hidden_state
    output = backbone(attention=attention, reference_view="first").to(dtype)(images).last_hidden_state
    assert output.dtype == dtype
    # One rounding of a state of size s costs s * eps / 2; four blocks round a few dozen times
    tolerance = 1e-5 if dtype == torch.float32 else 16 * torch.finfo(dtype).eps
    assert (output.float() - expected).norm() < tolerance * expected.norm()


@torch.no_grad()
def test_autocast_does_not_change_the_choice_of_the_reference():
    from modeling_spatialmosaic.modeling_da3 import choose_reference

    tokens = torch.randn(200, 6, 32)
    expected = choose_reference(tokens, "saddle_balanced")
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(choose_reference(tokens, "saddle_balanced"), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@torch.no_grad()
def test_flash_attention_gets_half_precision_only(monkeypatch, dtype):
    """A stand-in with FlashAttention's contract: no mask, half precision, heads after tokens in the result."""
    calls = []

    def stand_in(module, query, key, value, attention_mask, scaling, **kwargs):
        assert attention_mask is None and not module.is_causal
        assert query.dtype == key.dtype == value.dtype == torch.bfloat16
        calls.append(query.shape)
        output = torch.nn.functional.scaled_dot_product_attention(query, key, value, scale=scaling)
        return output.transpose(1, 2), None

    monkeypatch.setitem(ALL_ATTENTION_FUNCTIONS, "flash_attention_2", stand_in)
    images = torch.rand(IMAGES_SHAPE)
    model = backbone().to(dtype)
    expected = model(images).last_hidden_state
    model.config._attn_implementation_internal = "flash_attention_2"
    torch.testing.assert_close(model(images).last_hidden_state, expected)
    # Block 3 alone sees across frames; in float32 none of them
    frame, scene = (6, 4, 7, 8), (2, 4, 21, 8)
    assert calls == ([] if dtype == torch.float32 else [frame, frame, frame, scene])


def test_gradient_checkpointing_changes_nothing():
    images = torch.rand(IMAGES_SHAPE)
    plain, checkpointed = backbone().train(), backbone().train()
    checkpointed.gradient_checkpointing_enable()
    for model in (plain, checkpointed):
        model(images).last_hidden_state.square().mean().backward()
    for (name, expected), (_, parameter) in zip(
        plain.named_parameters(), checkpointed.named_parameters(), strict=True
    ):
        torch.testing.assert_close(parameter.grad, expected.grad, msg=name)


@pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=pytest.mark.slow)])
@torch.no_grad()
def test_compiled_equals_plain(backend):
    model = backbone()
    images = torch.rand(IMAGES_SHAPE)
    compiled = torch.compile(model, fullgraph=True, backend=backend)
    expected, output = model(images, output_layers=[1]), compiled(images, output_layers=[1])
    for name in ("last_hidden_state", "layer_outputs"):
        torch.testing.assert_close(output[name], expected[name], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("images", "settings", "match"),
    [
        ((2, 3, 28, 28), {}, r"must have shape \(scenes, frames, 3, height, width\), got \(2, 3, 28, 28\)"),
        ((1, 2, 3, 28, 30), {}, "multiples of the patch size 14, got 28 x 30"),
        ((1, 2, 3, 28, 28), {"output_layers": (1, 4)}, r"`output_layers` .* 0 to 3, got \[1, 4\]"),
    ],
)
def test_bad_inputs(images, settings, match):
    with pytest.raises(ValueError, match=match):
        backbone()(torch.rand(images), **settings)
