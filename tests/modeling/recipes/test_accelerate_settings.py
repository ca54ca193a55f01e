"""The Accelerate settings, read by Accelerate's own launcher and plugins."""

import re

import pytest
import yaml
from accelerate.utils import DeepSpeedPlugin, FullyShardedDataParallelPlugin
from accelerate.utils.fsdp_utils import fsdp2_prepare_auto_wrap_policy


NAMES = ("single_gpu", "fsdp_8gpu", "zero2_8gpu", "zero3_8gpu")


def test_every_file_is_known(recipes):
    assert {path.stem for path in (recipes / "accelerate").glob("*.yaml")} == set(NAMES)


@pytest.mark.parametrize(
    ("name", "num_processes", "kind"),
    [
        ("single_gpu", 1, None),
        ("fsdp_8gpu", 8, "fsdp"),
        ("zero2_8gpu", 8, "deepspeed"),
        ("zero3_8gpu", 8, "deepspeed"),
    ],
)
def test_the_launcher_reads_them(launch_arguments, name, num_processes, kind):
    arguments = launch_arguments(name)
    assert arguments.num_processes == num_processes
    assert arguments.mixed_precision == "bf16"
    assert (arguments.use_fsdp, arguments.use_deepspeed) == (kind == "fsdp", kind == "deepspeed")
    assert not arguments.use_cpu


def test_a_misspelt_key_is_refused(launch_arguments, recipes, tmp_path):
    settings = yaml.safe_load((recipes / "accelerate" / "single_gpu.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**settings, "num_proceses": 1}), encoding="utf-8")
    with pytest.raises(ValueError, match="num_proceses"):
        launch_arguments(path)


def test_fsdp_finds_the_layers_to_shard(launch_environment, monkeypatch, shared_model):
    """Without their names, Accelerate would look for all of `_no_split_modules`, SigLIP's text model among them."""
    for name, value in launch_environment("fsdp_8gpu").items():
        if name.startswith(("FSDP", "ACCELERATE")):
            monkeypatch.setenv(name, value)
    plugin = FullyShardedDataParallelPlugin()
    assert plugin.fsdp_version == 2 and plugin.reshard_after_forward is True
    assert not plugin.cpu_ram_efficient_loading and not plugin.activation_checkpointing
    policy = fsdp2_prepare_auto_wrap_policy(plugin, shared_model)
    sharded = [name for name, module in shared_model.named_modules() if policy(module)]
    numbered = re.compile(r".*(layers|blocks)\.\d+")
    assert sharded == [name for name, _ in shared_model.named_modules() if numbered.fullmatch(name)]
    plugin.transformer_cls_names_to_wrap = None
    with pytest.raises(ValueError, match="Could not find the transformer layer class"):
        fsdp2_prepare_auto_wrap_policy(plugin, shared_model)


@pytest.mark.parametrize("stage", [2, 3])
def test_deepspeed_gets_the_stage(launch_environment, monkeypatch, stage):
    """By Accelerate's plugin, which makes DeepSpeed's own settings; DeepSpeed itself is not run here."""
    for name, value in launch_environment(f"zero{stage}_8gpu").items():
        if name.startswith("ACCELERATE"):
            monkeypatch.setenv(name, value)
    plugin = DeepSpeedPlugin()
    assert plugin.zero_stage == stage
    settings = plugin.deepspeed_config
    assert settings["zero_optimization"]["stage"] == stage
    assert settings["zero_optimization"]["offload_optimizer"]["device"] == "none"
    # The recipe's value holds: the trainer fills it in
    assert settings["gradient_accumulation_steps"] == "auto"
    assert plugin.zero3_init_flag is (stage == 3) and bool(plugin.zero3_save_16bit_model) is (stage == 3)
