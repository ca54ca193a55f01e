"""The commands of docs/training.md and of the recipes' headers are parsed by the programs that would run them."""

import functools
import re
import shlex
from pathlib import Path

import pytest
import torch
from accelerate.commands.launch import _validate_launch_command
from transformers import AutoModelForImageTextToText, AutoProcessor
from trl.cli import accelerate_launcher
from trl.cli.commands.base import CommandContext
from trl.cli.commands.training import TrainingCommand
from typer.testing import CliRunner

from modeling_spatialmosaic import SpatialMosaicConfig, SpatialMosaicForConditionalGeneration
from spatialmosaic_cli.main import app


ROOT = Path(__file__).resolve().parents[3]
RECIPES = ROOT / "modeling_spatialmosaic" / "recipes"
FILES = sorted([*RECIPES.glob("*.yaml"), *RECIPES.glob("accelerate/*.yaml")])
GUIDE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
BASH, PYTHON = (re.findall(rf"```{kind}\n(.*?)```", GUIDE, flags=re.DOTALL) for kind in ("bash", "python"))


def header_commands(path: Path) -> list[str]:
    header = path.read_text(encoding="utf-8").split("\n\n")[0].split("\ncompute_environment")[0]
    return re.findall(r"^#   (\S.*)$", header, flags=re.MULTILINE)


GUIDE_COMMANDS = [line for block in BASH for line in block.splitlines()]
COMMANDS = sorted({*GUIDE_COMMANDS, *(command for path in FILES for command in header_commands(path))})


def parse_trl(method: str, arguments: list[str], monkeypatch):
    """As `trl` does, up to the start of the processes."""
    launched = []
    capture = functools.partial(accelerate_launcher.launch_training_script, launch_command_fn=launched.append)
    monkeypatch.setattr(accelerate_launcher, "launch_training_script", capture)
    TrainingCommand(method).run(None, CommandContext(argv=[method, *arguments]))
    (launch,) = launched
    assert Path(launch.training_script).is_file()
    _validate_launch_command(launch)


def parse_spatialmosaic(arguments: list[str]) -> int:
    """Exit code of the command's help, which is printed after the options have been read."""
    return CliRunner().invoke(app, [*arguments, "--help"]).exit_code


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_is_understood(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    program, *arguments = [word for word in shlex.split(command) if not re.match(r"[A-Z_]+=", word)]
    if program == "trl":
        # A machine without GPU refuses bfloat16 for one
        parse_trl(arguments[0], [*arguments[1:], "--use_cpu", "true"], monkeypatch)
    else:
        assert program == "spatialmosaic"
        assert parse_spatialmosaic(arguments) == 0


def test_a_wrong_command_is_not_understood(monkeypatch):
    """So the test above can fail."""
    monkeypatch.chdir(ROOT)
    recipe = "modeling_spatialmosaic/recipes/sft_lora.yaml"
    with pytest.raises(SystemExit, match="2"):
        parse_trl("sft", ["--config", recipe, "--lora_rr", "4", "--use_cpu", "true"], monkeypatch)
    assert parse_spatialmosaic(["evaluate", "--model", "a", "--datasett", "b"]) == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_begins_with_its_command(path):
    commands = header_commands(path)
    assert commands and all(str(path.relative_to(ROOT)) in command for command in commands)
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_guide_names_every_recipe():
    named = set(re.findall(r"^\| `(\w+)`", GUIDE, flags=re.MULTILINE))
    assert named == {path.stem for path in RECIPES.glob("*.yaml")}


def test_the_memory_that_the_guide_counts():
    """Bytes of weights, gradients and AdamW's moments at full size, counted from the layers on the meta device."""
    with torch.device("meta"):
        model = SpatialMosaicForConditionalGeneration(SpatialMosaicConfig())

    def count(*modules: torch.nn.Module) -> int:
        return sum(parameter.numel() for module in modules for parameter in module.parameters())

    def adapters(layers: list[torch.nn.Linear]) -> int:
        return sum(128 * (layer.in_features + layer.out_features) for layer in layers)

    def linear(module: torch.nn.Module) -> list[torch.nn.Linear]:
        return [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)]

    everything = count(model)
    beside = (model.model.fusion_block, model.model.multi_modal_projector)
    language = linear(model.model.language_model)
    low_rank = adapters(language)
    assert low_rank == 322_961_408  # of the published model
    quantised = sum(layer.weight.numel() for layer in language)
    bits = 4 + 0.127  # and the doubly quantised scales
    low_rank_beside = sum(adapters(linear(module)) for module in beside)
    expected = {
        "sft_lora": 4 * everything + 16 * (low_rank + count(*beside)),
        "sft_lora_qlora": bits / 8 * quantised + 2 * (everything - quantised) + 8 * (low_rank + low_rank_beside),
        "sft_full_fsdp": 16 * everything / 8,
        "grpo": 2 * everything + 16 * low_rank,
    }
    stated = dict(re.findall(r"^\| `(\w+)` .*\| ([\d.]+) GB[^|]*\|$", GUIDE, flags=re.MULTILINE))
    for name, num_bytes in expected.items():
        assert float(stated[name]) == pytest.approx(num_bytes / 1e9, abs=0.05), name


@torch.no_grad()
def test_the_guide_merges_an_adapter(lora, tiny_dir, prepare, random_views, tmp_path, monkeypatch):
    """The code as it stands, in a folder where `runs/` holds the tiny model and its adapter."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "base").symlink_to(tiny_dir)
    (tmp_path / "runs" / "sft_lora").symlink_to(lora)
    (merge,) = [block for block in PYTHON if "merge_and_unload" in block]
    exec(merge, {})
    inputs = prepare([random_views(2)])
    merged = AutoModelForImageTextToText.from_pretrained("runs/sft_merged", trust_remote_code=True).eval()
    adapted = AutoModelForImageTextToText.from_pretrained("runs/sft_lora", trust_remote_code=True).eval()
    torch.testing.assert_close(merged(**inputs).logits, adapted(**inputs).logits, atol=1e-4, rtol=1e-3)
    processor = AutoProcessor.from_pretrained("runs/sft_merged", trust_remote_code=True)
    assert processor.chat_template == AutoProcessor.from_pretrained(tiny_dir, trust_remote_code=True).chat_template
