import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dataset_builder.scene_rows import SceneRows
from dataset_builder.schema import LETTERS, TASK_OF, build_completion, build_prompt, row_id
from dataset_builder.writer import write_dataset


torch.set_num_threads(1)


@pytest.fixture(scope="session")
def make_row():
    """A row of the dataset; unnamed fields have plain values."""

    def make(question_type: str, question: str, texts: list[str], answer: str, scene: str, **fields) -> dict:
        choice = not question_type.endswith("_na")
        options = [f"{letter}. {text}" for letter, text in zip(LETTERS, texts, strict=False)]
        frames = fields.pop("frames", ["frame_0", "frame_1"])
        answer_format = fields.pop("answer_format", "choice" if choice else "number")
        row = {
            "id": row_id("toy", scene, frames, question_type, question),
            "dataset": "toy",
            "domain": "indoor",
            "scene_name": scene,
            "task": TASK_OF[question_type],
            "question_type": question_type,
            "frames": frames,
            "question": question,
            "options": options,
            "mc_answer": answer if choice else None,
            "ground_truth": texts[LETTERS.index(answer)] if choice else answer,
            "answer_format": answer_format,
            "overlap_avg": 5.0,
            "occlusion_avg": 0.1,
            "truncation_avg": 0.0,
            "occ_level": "low",
            "overlap_level": "low",
            "vis_level": "Fully Visible",
            "gt_scenario": "Full Coverage",
            "bbox_2d": None,
            "bbox_2d_diag": None,
            "prompt": build_prompt(len(frames), question, options, answer_format),
            "completion": build_completion(answer),
            "evidence": "{}",
        }
        return row | fields

    return make


@pytest.fixture(scope="session")
def make_images():
    """JPEG files of four small frames."""

    def make(seed: int) -> dict[str, bytes]:
        rng = np.random.default_rng(seed)
        images = {}
        for k in range(4):
            buffer = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)).save(buffer, "JPEG")
            images[f"frame_{k}"] = buffer.getvalue()
        return images

    return make


@pytest.fixture(scope="session")
def dataset(tmp_path_factory, make_row, make_images) -> Path:
    """
    A train scene whose most frequent answers are known, and a test scene of 8 choices, a number, and a row whose true
    answer cannot be read.

    Train: counts answered B, B, A; existence answered Yes (as A), Yes (as B), No (as A). No localization.
    """
    counts, yes_no, no_yes = ["4", "3", "2", "1"], ["Yes", "No"], ["No", "Yes"]
    train = [
        make_row("obj_count_occ", "How many lamp(s)?", counts, "B", "scene_a"),
        make_row("obj_count_occ", "How many sofa(s)?", counts, "B", "scene_a"),
        make_row("obj_count_occ", "How many chair(s)?", counts, "A", "scene_a"),
        make_row("obj_existence_occ_lr", "Is the lamp left?", yes_no, "A", "scene_a"),
        make_row("obj_existence_occ_lr", "Is the sofa left?", no_yes, "B", "scene_a"),
        make_row("obj_existence_occ_lr", "Is the chair left?", no_yes, "A", "scene_a"),
    ]
    three = ["frame_0", "frame_1", "frame_2"]
    places = ["Yes; (1, 2)", "No", "Yes; (3, 4)", "Yes; (5, 6)"]
    test = [
        make_row("obj_count_occ", "How many mug(s)?", counts, "B", "scene_b", occ_level="high"),
        make_row("obj_count_occ", "How many rug(s)?", counts, "C", "scene_b", frames=three),
        make_row("obj_count_occ", "How many bed(s)?", counts, "D", "scene_b"),
        make_row("obj_existence_occ_lr", "Is the mug left?", yes_no, "A", "scene_b"),
        make_row("obj_existence_occ_lr", "Is the rug left?", no_yes, "A", "scene_b", frames=three),
        make_row("obj_localization_occ", "Is there a mug?", places, "B", "scene_b", vis_level="Partially Visible"),
        make_row("obj_localization_occ", "Is there a rug?", places, "D", "scene_b"),
        make_row("obj_localization_occ", "Is there a bed?", places, "A", "scene_b", occ_level="high"),
        make_row("obj_count_occ_na", "How many mug(s) in all?", [], "3", "scene_b"),
        make_row("obj_size_occ_na", "How long is the mug?", [], "unknown", "scene_b"),
    ]
    folder = tmp_path_factory.mktemp("bench") / "toy"
    scenes = [
        SceneRows("scene_a", "train", train, make_images(0)),
        SceneRows("scene_b", "test", test, make_images(1)),
    ]
    write_dataset(folder, scenes)
    return folder


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory) -> Path:
    """A tiny model whose replies depend on every word and image: as it is made it repeats the last token it reads."""
    from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
    from modeling_spatialmosaic.tiny import create_tiny_model

    folder = tmp_path_factory.mktemp("bench_model")
    create_tiny_model(["How many mug(s)?\nOptions:\nA. 4\nB. 3\nC. 2\nD. 1", "Yes", "No"] * 2, folder)
    model = SpatialMosaicForConditionalGeneration.from_pretrained(folder)
    with torch.no_grad():
        for module in (model.model.language_model.layers, model.model.multi_modal_projector):
            for parameter in module.parameters():
                if parameter.ndim > 1:
                    parameter *= 8
    model.save_pretrained(folder)
    return folder
