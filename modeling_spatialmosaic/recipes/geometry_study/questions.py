"""The dataset's questions as conversations."""

import json
from collections.abc import Sequence
from os.path import commonprefix
from pathlib import Path

from dataset_builder.reader import load_rows
from generation.rng import stage_rng
from modeling_spatialmosaic.recipes.geometry_study.conversations import Conversation, Turn
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.settings import DataSettings


MAX_TURNS = 6
TURN_COLUMNS = ("frames", "question_type", "prompt", "options", "ground_truth", "evidence")
COLUMNS = ("id", "scene_name", *TURN_COLUMNS)
# Questions that name one thing, and the frame after it: what the answer says after it has named both
IN_ONE_FRAME = {
    "obj_localization_occ_na": " {}",
    "obj_distance_occ_na": " at {}",
    "obj_localization_occ": "\n{}",
}
RELATIONS = ("obj_spatial_occ_lr", "obj_spatial_occ_ab", "obj_spatial_occ_fb")
# Questions that name one kind of thing, which is counted in each frame first
IN_ALL_FRAMES = ("obj_count_occ", "obj_count_occ_na", "bestview_count_occ")


def question_rows(dataset: Path, split: str, settings: DataSettings, columns: Sequence[str] = COLUMNS) -> list[dict]:
    """The rows of the study, without images."""
    wanted = set(settings.question_types)
    return [
        row
        for row in load_rows(dataset, split=split, columns=columns)
        if len(row["frames"]) <= settings.max_views and (not wanted or row["question_type"] in wanted)
    ]


def turn_of(row: dict) -> Turn:
    """
    A row's question, which is the last part of its prompt, and its answer: an option's text, not its letter; of a
    relation without what all options end with. Where it can be looked up, the answer first says again what it is
    about, in the other order: a word can only look in a frame that was named before it.
    """
    answer, kind = row["ground_truth"], row["question_type"]
    if kind in RELATIONS:
        answer = answer.removesuffix(common_ending(row["options"]))
    if kind in (*IN_ONE_FRAME, *IN_ALL_FRAMES):
        evidence = json.loads(row["evidence"])
        targets = evidence["targets"]
        label = targets[0]["label"]
    if kind in IN_ALL_FRAMES:
        visible = [
            sum(view["visibility"] == "visible" for view in views)
            for views in zip(*(target["views"] for target in targets), strict=True)
        ]
        seen = "; ".join(f"Frame {number}: {label} {count}" for number, count in enumerate(visible, start=1))
        answer = f"{seen}\n{answer}"
    elif kind in IN_ONE_FRAME:
        # As in the lists of tours: "(134,256)" or "at 2.50"; an option must stand alone
        found = IN_ONE_FRAME[kind].format(answer.replace(", ", ",") if answer.startswith("(") else answer)
        answer = f"Frame {evidence['asked_frame']}: {label}{found}"
    return Turn(row["prompt"][-1]["content"][-1]["text"], answer)


def common_ending(options: Sequence[str]) -> str:
    """The words that all options end with, as " than the mug(300,238)" (without "the camera" before it)."""
    words = [option.split(" ")[::-1] for option in options]
    ending = "".join(f" {word}" for word in reversed(commonprefix(words)))
    return ending[max(0, ending.rfind(" than ")) :]


def conversation_of(row: dict, store: FrameStore) -> Conversation:
    """A question by itself, as it is asked in the end."""
    return Conversation(store.index_of(row["scene_name"], row["frames"]).tolist(), [turn_of(row)])


def conversations_of(rows: list[dict], store: FrameStore, seed: int) -> list[Conversation]:
    """All questions, those about the same views in conversations of up to `MAX_TURNS`, in an order that is drawn."""
    of_views: dict[tuple, list[dict]] = {}
    for row in rows:
        of_views.setdefault((row["scene_name"], *row["frames"]), []).append(row)
    rng, found = stage_rng(seed, "conversations"), []
    for (scene, *frames), group in of_views.items():
        index = store.index_of(scene, frames).tolist()
        turns = [turn_of(group[k]) for k in rng.permutation(len(group))]
        found += [Conversation(index, turns[k : k + MAX_TURNS]) for k in range(0, len(turns), MAX_TURNS)]
    return found
