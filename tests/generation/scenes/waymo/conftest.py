"""The synthetic segment, and altered copies of it."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest


FIXTURE = Path(__file__).resolve().parents[4] / "../shared/fixtures/waymo_mini"
SEGMENT = "7315028846190273554_2140_000_2160_000"


@pytest.fixture(scope="session")
def fixture() -> Path:
    """Folder of the synthetic segment."""
    if not FIXTURE.is_dir():
        pytest.skip("the fixture ../shared/fixtures/waymo_mini is absent")
    return FIXTURE


@pytest.fixture
def altered(fixture, tmp_path) -> Callable[..., Path]:
    """Function that gives a copy of the segment in which some components are changed.

    A component by its name becomes what the given function makes of its table; bytes, as they are; `None` removes it.
    """

    def alter(**changes) -> Path:
        for source in fixture.glob("training/*/*.parquet"):
            component = source.parent.name
            target = tmp_path / "root/training" / component / source.name
            target.parent.mkdir(parents=True)
            if component not in changes:
                target.symlink_to(source.resolve())
            elif isinstance(changes[component], bytes):
                target.write_bytes(changes[component])
            elif changes[component] is not None:
                pq.write_table(changes[component](pq.read_table(source)), target, row_group_size=3)
        return tmp_path / "root"

    return alter
