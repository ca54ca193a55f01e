"""Settings from defaults, a YAML file and the command line, in that order."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from spatialmosaic_cli.main import app
from spatialmosaic_cli.options import settings_command


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Do a thing."""

    folder: Path = field(metadata={"help": "Where."})
    count: int = field(default=3, metadata={"help": "How many."})
    limit: int | None = field(default=None, metadata={"help": "At most."})
    quick: bool = field(default=False, metadata={"help": "Hurry."})

    def __post_init__(self):
        if self.count < 1:
            raise ValueError(f"`count` must be at least 1, got {self.count}.")


def run(*arguments: str):
    """Run the command; the settings that it received, and the result."""
    received = []
    app = typer.Typer()
    app.command()(settings_command(Settings, received.append))
    result = CliRunner().invoke(app, list(arguments))
    return (received[0] if received else None), result


def test_defaults_then_file_then_command_line(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text("folder: data\ncount: 5\nlimit: 7\n", encoding="utf-8")
    settings, result = run("--config", str(file), "--count", "9", "--quick")
    assert result.exit_code == 0
    assert settings == Settings(folder=Path("data"), count=9, limit=7, quick=True)


def test_defaults_alone():
    settings, _ = run("--folder", "x")
    assert settings == Settings(folder=Path("x"), count=3, limit=None, quick=False)


@pytest.mark.parametrize(
    "text, message",
    [
        ("cuont: 5", "'cuont', which is none of"),
        ("count: five", "expected int"),
        ("count: true", "expected int"),
        ("limit: soon", "expected int or nothing"),
        ("- 1\n- 2", "must hold `name: value` lines"),
        ("count: [", "cannot be read as YAML"),
        ("count: 0", "must be at least 1, got 0"),
    ],
)
def test_bad_file_ends_with_code_2_and_says_why(tmp_path, text, message):
    file = tmp_path / "settings.yaml"
    file.write_text(text, encoding="utf-8")
    settings, result = run("--config", str(file), "--folder", "x")
    assert settings is None
    assert result.exit_code == 2
    # the message is wrapped into a box
    assert message in " ".join(result.output.replace("│", " ").split())


def test_a_positional_setting_is_given_without_its_name():
    @dataclass(frozen=True, kw_only=True)
    class OneFolder:
        """Do a thing to a folder."""

        folder: Path = field(metadata={"help": "Where.", "positional": True})

    received, app = [], typer.Typer()
    app.command()(settings_command(OneFolder, received.append))
    assert CliRunner().invoke(app, ["some/where"]).exit_code == 0
    assert received == [OneFolder(folder=Path("some/where"))]
    assert CliRunner().invoke(app, []).exit_code == 2


def test_missing_file_and_missing_setting():
    _, result = run("--config", "nowhere.yaml", "--folder", "x")
    assert result.exit_code == 2 and "nowhere.yaml" in result.output
    _, result = run()
    assert result.exit_code == 2 and "--folder" in result.output


@pytest.mark.parametrize("command", ["demo", "generate", "annotate", "evaluate", "view"])
def test_help_describes_every_option(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "--config" in result.output and "--out" in result.output
