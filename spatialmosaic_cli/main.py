"""The console command `spatialmosaic`; what each sub-command does lives beside the code that it runs."""

from importlib import import_module

import typer

from dataset_builder.errors import DatasetError
from generation.scenes.base import SceneError
from spatialmosaic_cli.errors import CommandError
from spatialmosaic_cli.options import settings_command


app = typer.Typer(
    help="Spatial questions over 2-5 views under occlusion: make the data, look at it, score models on it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# Name: settings and function, imported when they are needed, so that `--help` does not wait for PyTorch
COMMANDS = {
    "demo": ("spatialmosaic_cli.settings:DemoSettings", "spatialmosaic_cli.demo:run_demo"),
    "generate": ("generation.settings:GenerateSettings", "generation.commands:run_generate"),
    "merge": ("generation.settings:MergeSettings", "generation.commands:run_merge"),
    "annotate": ("generation.settings:AnnotateSettings", "generation.commands:run_annotate"),
    "audit": ("generation.audit.settings:AuditSettings", "generation.audit.audit:run_audit"),
    "shortcuts": ("generation.audit.settings:ShortcutSettings", "generation.audit.shortcuts:run_shortcuts"),
    "evaluate": ("dataset_builder.settings:EvaluateSettings", "dataset_builder.commands:run_evaluate"),
    "compare": ("dataset_builder.settings:CompareSettings", "dataset_builder.commands:run_compare"),
    "photos": ("dataset_builder.extract_photos:PhotosSettings", "dataset_builder.extract_photos:run_photos"),
    "verify": ("dataset_builder.verify:VerifySettings", "dataset_builder.verify:run_verify"),
    "view": ("dataset_builder.settings:ViewSettings", "dataset_builder.commands:run_view"),
    "publish": ("dataset_builder.publish_settings:PublishSettings", "dataset_builder.publish:run_publish"),
}
CONVERTERS = {
    "da3": ("spatialmosaic_cli.settings:ConvertDa3Settings", "spatialmosaic_cli.convert:run_convert_da3"),
    "vggt": ("spatialmosaic_cli.settings:ConvertVggtSettings", "spatialmosaic_cli.convert:run_convert_vggt"),
    "published": (
        "spatialmosaic_cli.settings:ConvertPublishedSettings",
        "spatialmosaic_cli.convert:run_convert_published",
    ),
}


def load(reference: str):
    """The object that `"module:name"` names."""
    module, name = reference.split(":")
    return getattr(import_module(module), name)


def runner(reference: str):
    """Function that runs `reference` with its settings and ends with exit code 2 and a message on bad input."""

    def run(settings) -> None:
        try:
            load(reference)(settings)
        except (CommandError, DatasetError, SceneError, OSError) as error:
            typer.secho(f"Error: {error}", fg="red", err=True)
            raise typer.Exit(2) from error

    return run


def register(group: typer.Typer, commands: dict[str, tuple[str, str]]) -> None:
    """Add every command to `group`."""
    for name, (settings_reference, run_reference) in commands.items():
        group.command(name)(settings_command(load(settings_reference), runner(run_reference)))


convert = typer.Typer(help="Turn released weights into this project's model folders.", no_args_is_help=True)
register(app, COMMANDS)
register(convert, CONVERTERS)
app.add_typer(convert, name="convert")


if __name__ == "__main__":
    app()
