"""`spatialmosaic convert`: messages and exit codes; what is converted is tested in tests/modeling."""

import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from spatialmosaic_cli.main import app


def test_a_file_that_is_no_vggt_ends_with_code_2(tmp_path):
    save_file({"x": torch.zeros(2)}, tmp_path / "x.safetensors")
    result = CliRunner().invoke(
        app, ["convert", "vggt", "--checkpoint", str(tmp_path / "x.safetensors"), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 2 and "aggregator" in result.output
    assert not (tmp_path / "out").exists()


def test_pickles_are_refused(tmp_path):
    torch.save({"x": torch.zeros(2)}, tmp_path / "model.pt")
    result = CliRunner().invoke(
        app, ["convert", "vggt", "--checkpoint", str(tmp_path / "model.pt"), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 2 and "safetensors" in result.output


def test_a_folder_without_a_model_ends_with_code_2(tmp_path):
    options = ["--weights", str(tmp_path / "w.safetensors"), "--model", str(tmp_path), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, ["convert", "published", *options])
    assert result.exit_code == 2 and "from_components" in result.output
