"""A settings record -> the options of a command: its defaults, then a YAML file, then the command line."""

import dataclasses
import inspect
import typing
from collections.abc import Callable
from pathlib import Path

import typer
import yaml


def settings_command(settings_class: type, run: Callable[[object], None]) -> Callable:
    """Function for `Typer.command` with an option for every field of the frozen dataclass `settings_class`.

    The command's help is the record's docstring, its options' help the fields' metadata `help`; a field with the
    metadata `positional` is given without its name. A setting that cannot be used ends the command with exit code 2.
    """

    def command(config: Path | None = None, **given):
        values = {} if config is None else read_yaml(config, settings_class)
        values |= {name: value for name, value in given.items() if value is not None}
        fields = dataclasses.fields(settings_class)
        missing = [f"--{f.name}" for f in fields if f.default is dataclasses.MISSING and f.name not in values]
        if missing:
            raise typer.BadParameter(f"Give {' and '.join(missing)}, here or in the file of --config.")
        try:
            settings = settings_class(**values)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        run(settings)

    config_option = typer.Option(help="YAML file with any of these settings; the command line has the last word.")
    types = typing.get_type_hints(settings_class)
    parameters = [
        *(_parameter(field, types[field.name]) for field in dataclasses.fields(settings_class)),
        _keyword("config", typing.Annotated[Path | None, config_option]),
    ]
    command.__signature__ = inspect.Signature(parameters)
    command.__doc__ = settings_class.__doc__
    return command


def _parameter(field: dataclasses.Field, annotation) -> inspect.Parameter:
    # The option's own default is None, which tells "not given" from "given"; the record's default is shown
    if field.default is dataclasses.MISSING:
        shown = "required"
    else:
        shown = False if field.default is None else str(field.default)
    kind = typer.Argument if field.metadata.get("positional") else typer.Option
    return _keyword(
        field.name, typing.Annotated[annotation | None, kind(help=field.metadata["help"], show_default=shown)]
    )


def _keyword(name: str, annotation) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def read_yaml(path: Path, settings_class: type) -> dict:
    """Settings of a YAML file, checked against the fields of `settings_class`.

    Raises:
        `typer.BadParameter`: the file is missing or is not YAML, or a setting is unknown or of the wrong type.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise typer.BadParameter(f"{path} cannot be read as YAML: {error}") from error
    if not isinstance(values, dict):
        raise typer.BadParameter(f"{path} must hold `name: value` lines, found {type(values).__name__}.")
    types = typing.get_type_hints(settings_class)
    unknown = sorted(set(map(str, values)) - set(types))
    if unknown:
        raise typer.BadParameter(f"{path} sets {unknown[0]!r}, which is none of {', '.join(sorted(types))}.")
    return {name: _checked(path, name, value, types[name]) for name, value in values.items()}


def _checked(path: Path, name: str, value, annotation):
    """`value` of the field's own type; text becomes a path where one is expected."""
    kinds = typing.get_args(annotation) or (annotation,)
    if Path in kinds and isinstance(value, str):
        return Path(value)
    if type(value) not in kinds:
        expected = " or ".join("nothing" if kind is type(None) else kind.__name__ for kind in kinds)
        raise typer.BadParameter(f"{path} sets {name!r} to {value!r}; expected {expected}.")
    return value
