"""`spatialmosaic convert ...`: released weights into this project's model folders."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from huggingface_hub.errors import StrictDataclassError
from rich.console import Console

from modeling_spatialmosaic import convert_da3, convert_vggt
from modeling_spatialmosaic.checkpoints import WeightsError
from modeling_spatialmosaic.convert_published import write_with_published
from spatialmosaic_cli.errors import CommandError
from spatialmosaic_cli.settings import ConvertDa3Settings, ConvertPublishedSettings, ConvertVggtSettings


def run_convert_vggt(settings: ConvertVggtSettings) -> None:
    """Write the model folder and print what became of the checkpoint's tensors."""
    _convert_encoder(settings, convert_vggt.write_vggt, convert_vggt.UNUSED)


def run_convert_da3(settings: ConvertDa3Settings) -> None:
    """Write the model folder and print what became of the checkpoint's tensors."""
    _convert_encoder(settings, convert_da3.write_da3, convert_da3.UNUSED)


def _convert_encoder(settings, write: Callable[..., dict], unused: dict[str, str]) -> None:
    with _weights_errors():
        report = write(settings.checkpoint, settings.out, settings.keep_unused, settings.trust_pickle)
    console = Console()
    console.print(f"Converted {report['converted']} of {report['tensors']} tensors: {settings.out}")
    for beginning, names in report["left_out"].items():
        if names:
            console.print(f"Left out {len(names)} named {beginning}*: {unused[beginning]}.")


def run_convert_published(settings: ConvertPublishedSettings) -> None:
    """Write the model folder."""
    with _weights_errors():
        write_with_published(settings.weights, settings.model, settings.out, settings.trust_pickle)
    Console().print(f"Model with the published weights: {settings.out}")


@contextmanager
def _weights_errors() -> Iterator[None]:
    try:
        yield
    except (WeightsError, StrictDataclassError) as error:
        raise CommandError(str(error)) from error
