"""A small dataset of procedural rooms, generated once, and its scenes measured once."""

from collections import Counter

import pytest

from dataset_builder.reader import load_rows
from generation.audit.audit import ROW_COLUMNS, audit_scene
from generation.audit.measure import SceneMeasures
from generation.audit.report import AuditReport
from generation.pipeline import generate
from generation.scenes import open_source
from generation.settings import GenerateSettings


SETTINGS = {"seed": 3, "scenes": 2, "frames": 12, "view_sets": 40, "questions": 12}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The dataset folder, without pixels: an audit looks at none."""
    settings = GenerateSettings(out=tmp_path_factory.mktemp("audit") / "spatialmosaic", pixels=False, **SETTINGS)
    generate(settings)
    return settings.out


@pytest.fixture(scope="session")
def measures():
    """[`SceneMeasures`] of every room, by name."""
    settings = GenerateSettings(**SETTINGS)
    source = open_source(settings)
    return {name: SceneMeasures(source.load(name), settings.seed) for name in source.scene_names()}


@pytest.fixture(scope="session")
def rows(folder):
    return list(load_rows(folder, columns=ROW_COLUMNS))


@pytest.fixture
def findings(measures):
    """Function from a row to what the audit finds wrong with it: for each check, the texts `expected -> found`."""

    def find(row: dict) -> dict[str, str]:
        report = AuditReport()
        audit_scene([row], measures[row["scene_name"]], report)
        assert all(one.row_id == row["id"] for one in report.mismatches)
        texts = Counter()
        for one in report.mismatches:
            texts[one.check] = f"{texts[one.check] or ''}{one.expected} -> {one.found}\n"
        return dict(texts)

    return find
