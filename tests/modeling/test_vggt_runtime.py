"""The aggregator as it is run: what it keeps in memory, attention implementations, precision, compilation."""

import gc

import pytest
import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from modeling_spatialmosaic import SpatialMosaicVggtConfig, SpatialMosaicVggtModel


SIZES = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "vit_num_hidden_layers": 1,
    "vit_num_attention_heads": 4,
    "image_size": 28,
    "patch_size": 14,
    "layer_scale_init": 1.0,
    "initializer_range": 0.2,
}
# 2 scenes of 3 frames of 2 x 3 patches, with the camera and 4 register tokens
IMAGES_SHAPE = (2, 3, 3, 28, 42)
NUM_STATES = 2 * 3 * (5 + 6) * 32


def aggregator(num_layers: int = 3, attention: str = "sdpa") -> SpatialMosaicVggtModel:
    torch.manual_seed(0)
    config = SpatialMosaicVggtConfig(**SIZES, num_hidden_layers=num_layers)
    return SpatialMosaicVggtModel._from_config(config, attn_implementation=attention).eval()


def live_state_tensors(num_layers: int, output_layers: list[int]) -> int:
    """Memory held before the last block runs, in units of one block's output, over what was held before the model."""

    def held() -> dict[int, int]:
        gc.collect()
        # By type: a compilation before may have left tensors without memory of their own
        tensors = (thing for thing in gc.get_objects() if type(thing) in {torch.Tensor, torch.nn.Parameter})
        storages = (tensor.untyped_storage() for tensor in tensors if tensor.device.type == "cpu")
        return {storage.data_ptr(): storage.nbytes() for storage in storages}

    model = aggregator(num_layers)
    images = torch.rand(IMAGES_SHAPE)
    before, seen = held(), []
    model.global_blocks[-1].register_forward_pre_hook(lambda *_: seen.append(held()))
    with torch.no_grad():
        model(images, output_layers=output_layers)
    new = [size for pointer, size in seen[0].items() if pointer not in before]
    return sum(size // (4 * NUM_STATES) for size in new)


def test_layers_that_are_not_requested_are_not_kept():
    # The output of the frame block, kept for the last layer, is the input of the global block
    assert live_state_tensors(2, []) == 1
    assert live_state_tensors(6, []) == 1
    # A layer output is as large as two block outputs
    assert live_state_tensors(6, [1]) == 1 + 2
    assert live_state_tensors(6, [0, 1, 2, 3, 4]) == 1 + 10


def test_the_last_layer_is_not_held_twice():
    with torch.no_grad():
        output = aggregator()(torch.rand(IMAGES_SHAPE), output_layers=[2])
    assert output.layer_outputs[0] is output.last_hidden_state


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_precision(attention, dtype):
    images = torch.rand(IMAGES_SHAPE)
    with torch.no_grad():
        expected = aggregator(attention="eager")(images).last_hidden_state
        output = aggregator(attention=attention).to(dtype)(images).last_hidden_state
    assert output.dtype == dtype
    # One rounding of a state of size s costs s * eps / 2; half a dozen blocks round a few dozen times
    tolerance = 1e-5 if dtype == torch.float32 else 16 * torch.finfo(dtype).eps
    assert (output.float() - expected).norm() < tolerance * expected.norm()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
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
    model = aggregator().to(dtype)
    with torch.no_grad():
        expected = model(images).last_hidden_state
        model.config._attn_implementation_internal = "flash_attention_2"
        output = model(images).last_hidden_state
    torch.testing.assert_close(output, expected)
    # One patch encoder block, then a frame and a global block per layer; in float32 none of them
    frame, scene = (6, 4, 11, 8), (2, 4, 33, 8)
    assert calls == ([] if dtype == torch.float32 else [frame, *[frame, scene] * 3])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="FlashAttention needs a CUDA device")
def test_flash_attention_equals_sdpa():
    pytest.importorskip("flash_attn")
    images = torch.rand(IMAGES_SHAPE, device="cuda")
    model = aggregator().to("cuda", torch.bfloat16)
    with torch.no_grad():
        expected = model(images).last_hidden_state
        model.set_attn_implementation("flash_attention_2")
        output = model(images).last_hidden_state
    assert (output - expected).norm() < 16 * torch.finfo(torch.bfloat16).eps * expected.norm()


def test_gradient_checkpointing_changes_nothing():
    images = torch.rand(IMAGES_SHAPE)
    plain, checkpointed = aggregator().train(), aggregator().train()
    checkpointed.gradient_checkpointing_enable()
    for model in (plain, checkpointed):
        model(images).last_hidden_state.square().mean().backward()
    for (name, expected), (_, parameter) in zip(
        plain.named_parameters(), checkpointed.named_parameters(), strict=True
    ):
        torch.testing.assert_close(parameter.grad, expected.grad, msg=name)


@pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=pytest.mark.slow)])
def test_compiled_equals_plain(backend):
    model = aggregator(num_layers=2)
    images = torch.rand(IMAGES_SHAPE)
    compiled = torch.compile(model, fullgraph=True, backend=backend)
    with torch.no_grad():
        expected = model(images, output_layers=[0])
        output = compiled(images, output_layers=[0])
    for name in ("last_hidden_state", "layer_outputs"):
        torch.testing.assert_close(output[name], expected[name], atol=1e-4, rtol=1e-4)
