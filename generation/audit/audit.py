"""`spatialmosaic audit`: every answer proven twice, every field computed again (ANNOTATION section 7)."""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from rich.console import Console

from dataset_builder.errors import DatasetError
from dataset_builder.progress import progress_bar
from dataset_builder.reader import load_rows, load_statistics
from dataset_builder.schema import FEATURES, SPLITS
from generation.audit import evidence_checks, folder_checks, row_checks, scene_checks
from generation.audit.box_measures import measures_of
from generation.audit.evidence_facts import UNREADABLE, EvidenceFacts
from generation.audit.facts import Facts
from generation.audit.folder_checks import RowKey
from generation.audit.measure import SceneMeasures
from generation.audit.proof import Proof
from generation.audit.proofs import prove
from generation.audit.report import AuditReport
from generation.audit.scene_facts import SceneFacts
from generation.audit.settings import AuditSettings
from generation.audit.wording import Unprovable
from generation.commands import reject_table
from generation.content import content_digest
from generation.processes import run_step
from generation.scenes import open_source
from generation.scenes.base import SceneError
from generation.scenes.checks import check_scene
from generation.settings import SourceSettings
from hub_cards.dataset_card import write_card


ALL_TYPES = "all"
KEY_COLUMNS = (
    "id",
    "dataset",
    "scene_name",
    "task",
    "question_type",
    "question",
    "options",
    "mc_answer",
    "ground_truth",
)
ROW_COLUMNS = tuple(name for name in FEATURES if name != "images")


def run_audit(settings: AuditSettings) -> None:
    """Audit the folder, print the tables, write `audit.json`, and the card anew, which tells of it.

    Raises:
        [`DatasetError`]: something does not hold.
    """
    scenes = sum(load_statistics(settings.folder)["scenes"].values())
    with progress_bar("Auditing", scenes, "scenes") as advance:
        report = audit(settings, on_scene=advance)
    path = report.write(settings.folder)
    write_card(settings.folder)
    console = Console()
    candidates = {kind: Counter(counts) for kind, counts in report.candidates.items()}
    console.print(reject_table(candidates), report.table(), f"Audit: {path}", sep="\n")
    if report.mismatches:
        console.print(report.mismatch_table())
        first = report.mismatches[0]
        raise DatasetError(
            f"{settings.folder}: {len(report.mismatches):,} mismatches, all in {path}. The first one: row "
            f"{first.row_id!r} of scene {first.scene_name!r}, {first.check}: expected {first.expected}, found "
            f"{first.found}. Generate the dataset again, or report an error of the generator."
        )


def audit(settings: AuditSettings, on_scene: Callable[[int], None] = lambda count: None) -> AuditReport:
    """Check every row of a dataset folder; a process has one scene in memory at a time.

    Args:
        settings ([`AuditSettings`]).
        on_scene (`Callable[[int], None]`): called with 1 whenever a scene is done.

    Raises:
        [`DatasetError`]: the folder is no dataset, or does not say how it was made.
        [`SceneError`]: a scene cannot be loaded.
    """
    run = load_statistics(settings.folder)["run"]
    open_source(source_settings(run, settings))  # before all else, so that a folder that is not there is told at once
    report = AuditReport(candidates=run.get("candidates", {}))
    ids = _audit_keys(settings.folder, report)
    of_scenes = {}
    # closed, so that at an error the workers end before it is told
    with closing(run_step(_audit_stored, settings, [(name, ids[name]) for name in ids])) as audited:
        for (scene_name, _), result in audited:
            if isinstance(result, str):
                raise SceneError(result)
            of_scenes[scene_name] = result
            on_scene(1)
    for scene_name in ids:
        report.add(of_scenes[scene_name])
    return report


def _audit_stored(settings: AuditSettings, item: tuple[str, set[str]]) -> AuditReport:
    """Load one scene from its source and its rows from the folder, and audit them."""
    scene_name, scene_ids = item
    run = load_statistics(settings.folder)["run"]
    scene = check_scene(open_source(source_settings(run, settings)).load(scene_name))
    rows = load_rows(settings.folder, columns=ROW_COLUMNS, ids=scene_ids)
    report = AuditReport()
    audit_scene([row for row in rows if row["scene_name"] == scene_name], measures_of(scene, run["seed"]), report)
    return report


def source_settings(run: dict, settings: AuditSettings) -> SourceSettings:
    """The settings of the source that `statistics.json` says the scenes came from."""
    names = {field.name for field in dataclasses.fields(SourceSettings)} & set(run) - {"assets"}
    if not {"source", "seed"} <= names:
        raise DatasetError(
            f"{settings.folder} does not say which scenes it was made from: the `run` of its statistics.json lacks "
            "`source` or `seed`. Generate it again."
        )
    found = content_digest(settings.assets) if settings.assets is not None else None
    if found != run.get("assets"):
        raise DatasetError(
            f"{settings.folder} was made with meshes of the content {run.get('assets')}, and `assets` has {found}. "
            "Give the folder of meshes that it was made with, as it was then; none if that says None."
        )
    return SourceSettings(root=settings.root, assets=settings.assets, **{name: run[name] for name in names})


def _audit_keys(folder: Path, report: AuditReport) -> dict[str, set[str]]:
    """Make the checks over all rows together; return the row ids of every scene."""
    statistics = load_statistics(folder)
    keys = [
        RowKey.of(row, split)
        for split in SPLITS
        if split in statistics["scenes"]
        for row in load_rows(folder, split=split, columns=KEY_COLUMNS)
    ]
    ids = defaultdict(set)
    for key in keys:
        ids[key.scene_name].add(key.row_id)
    report.rows, report.scenes = len(keys), len(ids)
    complete = len(keys) == statistics["rows"]
    lost = [] if complete else [(f"{statistics['rows']} rows, as statistics.json says", len(keys))]
    report.note("number of rows", ALL_TYPES, lost)
    for key, found in folder_checks.ids(keys):
        report.note("unique id", key.question_type, found, key.row_id, key.scene_name)
    for scene_name, found in folder_checks.splits(keys):
        report.note("one split", ALL_TYPES, found, scene_name=scene_name)
    for kind, found in folder_checks.letters(keys):
        report.note("balance of letters", kind, found)
    for kind, found in folder_checks.truths(keys):
        report.note("balance of No", kind, found)
    return ids


def audit_scene(rows: list[dict], measures: SceneMeasures, report: AuditReport) -> None:
    """Check the rows of one scene and note the results."""
    report.note("near twins", ALL_TYPES, list(scene_checks.near_twins(rows)), scene_name=measures.scene.scene_name)
    for row in rows:
        for check, found in _row_checks(row, measures).items():
            report.note(check, row["question_type"], found, row["id"], row["scene_name"])


def _row_checks(row: dict, measures: SceneMeasures) -> dict[str, list[tuple]]:
    """Checks of one row that could be made, each with what it found wrong."""
    checks = {"text": list(row_checks.text(row)), "id": list(row_checks.identity(row))}
    checks["frames"] = list(scene_checks.frames_exist(row, measures))
    if checks["text"] or checks["frames"]:
        return checks  # the others read both
    facts = SceneFacts(measures, row["frames"])
    checks["view set"] = list(scene_checks.view_set(row, measures))
    proof, checks["answer from scene"] = _answer(row, facts)
    if proof is not None:
        checks["answerable"] = list(scene_checks.answerable(row, proof, facts))
        checks["diagnostics"] = list(scene_checks.diagnostics(row, proof, facts))
        checks["answer box"] = list(scene_checks.answer_box(row, proof))
    checks |= _evidence_checks(row, proof, facts)
    return checks


def _evidence_checks(row: dict, proof: Proof | None, facts: SceneFacts) -> dict[str, list[tuple]]:
    try:
        evidence = EvidenceFacts(row)
    except Unprovable as reason:
        return {"answer from evidence": [("evidence of the answer", reason)]}
    checks = {
        "answer from evidence": _read(lambda: _answer(row, evidence)[1]),
        "evidence": _read(lambda: evidence_checks.numbers(evidence, facts)),
    }
    if proof is not None:
        checks["evidence"] += _read(lambda: evidence_checks.agrees_with(proof, evidence))
    return checks


def _read(check: Callable[[], Iterable[tuple]]) -> list[tuple]:
    """What `check` finds wrong; that may be that the evidence lacks a number or has a text in its place."""
    try:
        return list(check())
    except UNREADABLE as error:
        return [("evidence that can be read", repr(error))]


def _answer(row: dict, facts: Facts) -> tuple[Proof | None, list[tuple]]:
    """The proof of the row's answer, and what the row has otherwise."""
    try:
        proof = prove(row, facts)
    except Unprovable as reason:
        return None, [("a question with one answer", reason)]
    return proof, list(proof.mismatches(row, facts.slack_m))
