"""`spatialmosaic convert ...`: released weights into this project's model folders."""

from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub.errors import StrictDataclassError
from rich.console import Console

from modeling_spatialmosaic.checkpoints import WeightsError
from modeling_spatialmosaic.convert_published import write_with_published
from modeling_spatialmosaic.convert_vggt import UNUSED, write_vggt
from spatialmosaic_cli.errors import CommandError
from spatialmosaic_cli.settings import ConvertPublishedSettings, ConvertVggtSettings


def run_convert_vggt(settings: ConvertVggtSettings) -> None:
    """Write the model folder and print what became of the checkpoint's tensors."""
    with _weights_errors():
        report = write_vggt(settings.checkpoint, settings.out, settings.keep_unused, settings.trust_pickle)
    console = Console()
    console.print(f"Converted {report['converted']} of {report['tensors']} tensors: {settings.out}")
    for prefix, names in report["left_out"].items():
        if names:
            console.print(f"Left out {len(names)} named {prefix}*: {UNUSED[prefix]}.")


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
