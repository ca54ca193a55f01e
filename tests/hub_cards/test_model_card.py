"""The card of a model folder: its parameters, its scores beside the controls, its licence."""

import json
import re

import numpy as np
import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results
from PIL import Image
from safetensors.numpy import save_file

from dataset_builder.errors import DatasetError
from hub_cards.model_card import count_parameters, write_model_card


CONFIG = {
    "model_type": "spatialmosaic",
    "auto_map": {"AutoConfig": "configuration_spatialmosaic.SpatialMosaicConfig"},
    "dtype": "float32",
    "transformers_version": "5.20.1",
    "fusion_num_heads": 6,
    "vision_feature_layer": -2,
    "vision_config": {"hidden_size": 48, "num_hidden_layers": 5},
    "geometry_config": {"model_type": "spatialmosaic_vggt", "hidden_size": 32, "num_hidden_layers": 3},
    "text_config": {"model_type": "qwen3", "hidden_size": 96, "num_hidden_layers": 7},
}
SHAPES = {
    "model.vision_tower.a": (1000, 3),
    "model.geometry_tower.a": (10, 11),
    "model.geometry_tower.b": (7,),
    "model.fusion_block.gate": (1,),
    "model.multi_modal_projector.a": (8, 8),
    "model.image_newline": (6,),
    "model.language_model.a": (20, 30),
    "lm_head.weight": (4, 5),
}
PARAMETERS = [
    ["vision tower", "SigLIP", "4", "48", "3,000"],
    ["geometry encoder", "VGGT", "3", "32", "117"],
    ["fusion block", "cross-attention, 6 heads", "1", "48", "1"],
    ["projector", "two linear maps", "–", "96", "70"],
    ["language model", "qwen3", "7", "96", "620"],
]


@pytest.fixture
def write_model(tmp_path):
    """Write a model folder whose weights lie in two files; return its path."""

    def write(**settings):
        folder = tmp_path / "my-model"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(CONFIG | settings), encoding="utf-8")
        tensors = {name: np.zeros(shape, dtype=np.float32) for name, shape in SHAPES.items()}
        for k, names in enumerate((list(tensors)[:5], list(tensors)[5:]), 1):
            save_file({name: tensors[name] for name in names}, folder / f"model-0000{k}-of-00002.safetensors")
        return folder

    return write


@pytest.fixture
def write_scores(tmp_path):
    """Write a scores.json with (questions, score) of every question type for the model and its controls."""

    def write(limit=None, **by_name):
        results = {
            name: {
                "parse_failure_rate": 0.125,
                "mean_over_types": 0.4567,
                "mean_over_types_interval": None,
                "mean_over_tasks": 0.5,
                "mean_over_tasks_interval": None,
                "by_question_type": {
                    kind: {"count": count, "score": score, "interval": None} for kind, (count, score) in types.items()
                },
            }
            for name, types in by_name.items()
        }
        content = {
            "dataset": "/somewhere/private/spatialmosaic",
            "split": "test",
            "rows": 2345,
            "limit": limit,
            "base_url": None,
            "dtype": "bfloat16",
            "device": "cuda",
            "versions": {"transformers": "5.21.3"},
            "results": results,
        }
        path = tmp_path / "scores.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def rows_under(text: str, first: str) -> list[list[str]]:
    """Cells of the table whose first header is `first`, without code marks."""
    (block,) = re.findall(rf"^\| {first} .*\n(?:\|.*\n)+", text, flags=re.MULTILINE)
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in block.splitlines()[2:]]


@pytest.mark.parametrize("kind, said", [("cross_attention", "by cross-attention"), ("patchwise", "patch by patch")])
def test_the_card_says_how_geometry_is_fused(write_model, kind, said):
    text = ModelCard.load(write_model_card(write_model(fusion_type=kind))).text
    assert f"a geometry encoder (VGGT) {said}; it follows" in text
    (fusion,) = (row[1] for row in rows_under(text, "part") if row[0] == "fusion block")
    assert fusion.startswith(said.removeprefix("by "))


def test_metadata_are_valid(write_model, write_scores, hub):
    scores = write_scores(model={"obj_count_occ": (200, 0.9)}, chance={"obj_count_occ": (200, 0.25)})
    card = ModelCard.load(write_model_card(write_model(), scores))
    card.validate()
    assert card.data.library_name == "transformers"
    assert card.data.pipeline_tag == "image-text-to-text"


def test_parts_and_their_parameters(write_model):
    text = ModelCard.load(write_model_card(write_model())).text
    assert rows_under(text, "part") == PARAMETERS
    assert "A vision-language model of 3,808 parameters" in text
    assert "{{" not in text and "{%" not in text


def test_parameters_of_a_real_model(tmp_path):
    from modeling_spatialmosaic import SpatialMosaicForConditionalGeneration
    from modeling_spatialmosaic.tiny import create_tiny_model

    create_tiny_model(["A question?"], tmp_path / "tiny")
    model = SpatialMosaicForConditionalGeneration.from_pretrained(tmp_path / "tiny")
    counts = count_parameters(tmp_path / "tiny")
    assert sum(counts.values()) == sum(parameter.numel() for parameter in model.parameters())  # shared ones once
    tower = model.model.geometry_tower.parameters()
    assert counts["geometry encoder"] == sum(parameter.numel() for parameter in tower)


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    from modeling_spatialmosaic.tiny import create_tiny_model

    create_tiny_model(["How many chair(s) are visible across these frames?"], tmp_path / "tiny")
    for name in ("first.jpg", "second.jpg"):
        Image.new("RGB", (64, 48), "gray").save(tmp_path / name)
    example = re.search(r"```python\n(.*?)```", write_model_card(tmp_path / "tiny").read_text("utf-8"), re.DOTALL)[1]
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    names = {}
    exec(example, names)
    printed = capsys.readouterr().out
    assert names["reply"].shape[1] > names["inputs"]["input_ids"].shape[1]
    assert printed.endswith("\n")


def test_scores_stand_beside_their_controls(write_model, write_scores):
    scores = write_scores(
        limit=200,
        model={"obj_count_occ": (200, 0.91256), "obj_count_occ_na": (150, 0.5), "obj_localization_occ_na": (9, 0.1)},
        published={"obj_count_occ": (200, 0.1)},
        blind={"obj_count_occ": (200, 0.5), "obj_count_occ_na": (150, 0.51), "obj_localization_occ_na": (9, 0)},
        chance={"obj_count_occ": (200, 0.25)},
    )
    text = ModelCard.load(write_model_card(write_model(), scores)).text
    assert rows_under(text, "question type") == [
        ["obj_count_occ", "accuracy", "200", "91.3", "50.0", "25.0"],
        ["obj_count_occ_na", "MRA", "150", "50.0", "51.0", "–"],
        ["obj_localization_occ_na", "MPA", "9", "10.0", "0.0", "–"],
    ]
    assert rows_under(text, "percent")[0] == ["mean over question types", "45.7", "45.7", "45.7"]
    assert "2,345 questions, at most 200 of each type (Transformers 5.21.3, bfloat16, cuda)" in text
    assert "12.5 % of the replies" in text
    assert "private" not in text
    assert (
        "better than every control that sees no image, by more than twice the standard error, on `obj_count_occ`. On"
        in text
    )


@pytest.mark.parametrize(
    ("model", "blind", "clear"),
    [
        # standard error of the difference: sqrt(0.5 * 0.5 * 2 / 100) = 0.0707
        ((100, 0.5 + 0.13), (100, 0.5), False),
        ((100, 0.5 + 0.15), (100, 0.5), True),
        ((10_000, 0.5 + 0.15), (10_000, 0.7), False),
    ],
)
def test_what_is_clearly_better(write_model, write_scores, model, blind, clear):
    kind = "obj_existence_occ_lr"
    scores = write_scores(model={kind: model}, blind={kind: blind}, majority={kind: (model[0], 0.4)})
    text = ModelCard.load(write_model_card(write_model(), scores)).text
    assert ("on `obj_existence_occ_lr`" in text) == clear
    assert ("On none of 1 question types" in text) != clear


def test_scores_without_a_blind_control_prove_nothing(write_model, write_scores):
    scores = write_scores(model={"obj_count_occ": (200, 0.9)}, chance={"obj_count_occ": (200, 0.25)})
    text = ModelCard.load(write_model_card(write_model(), scores)).text
    assert "do not tell whether it looks at the images" in text


@pytest.mark.parametrize(("control", "clear"), [(0.5, True), (0.9, False)])
def test_what_further_views_and_geometry_bring(write_model, write_scores, control, clear):
    kind = "obj_spatial_occ_lr"
    names = ("blind", "single_view", "geometry_zero")
    scores = write_scores(model={kind: (200, 0.9)}, **{name: {kind: (200, control)} for name in names})
    text = " ".join(ModelCard.load(write_model_card(write_model(), scores)).text.split())
    assert (f"better with all views than with one, by as much, on `{kind}`" in text) == clear
    assert ("do not show that it uses more than one view" in text) != clear
    assert (f"without or with another scene's, by as much, on `{kind}`" in text) == clear
    assert ("do not show that it uses the geometry of its views" in text) != clear


def test_no_scores_and_no_recipe(write_model):
    card = ModelCard.load(write_model_card(write_model()))
    assert "has not been scored" in card.text and "Nothing is known about its answers" in card.text
    assert "recipe is not recorded" in card.text
    assert "model-index" not in card.content


def test_results_in_the_metadata(write_model, write_scores):
    scores = write_scores(model={"obj_count_occ": (200, 0.91256), "obj_localization_occ_na": (9, 0.1)})
    card = ModelCard.load(write_model_card(write_model(), scores))
    found = {
        (one.dataset_config, one.dataset_split, one.metric_type): one.metric_value for one in card.data.eval_results
    }
    assert found == {("object_count", "test", "accuracy"): 91.3, ("object_localization", "test", "mpa"): 10.0}
    index = eval_results_to_model_index(card.data.model_name, card.data.eval_results)
    assert model_index_to_eval_results(index) == ("my-model", card.data.eval_results)


def test_recipe_without_the_places_of_files(write_model, tmp_path):
    recipe = tmp_path / "sft.yaml"
    options = {"model_name_or_path": "/home/me/init", "learning_rate": 1e-3, "output_dir": "/home/me/out", "seed": 0}
    recipe.write_text(yaml.safe_dump(options), encoding="utf-8")
    text = ModelCard.load(write_model_card(write_model(), recipe=recipe)).text
    (block,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    assert yaml.safe_load(block) == {"model_name_or_path": "init", "learning_rate": 0.001, "seed": 0}
    assert "/home" not in text


def test_training_in_words(write_model):
    text = ModelCard.load(write_model_card(write_model(), training="By hand, one weight a day.")).text
    assert "By hand, one weight a day." in text and "not recorded" not in text


def test_licence(write_model, hub):
    folder = write_model()
    unknown = ModelCard.load(write_model_card(folder))
    unknown.validate()
    assert (unknown.data.license, unknown.data.license_name) == ("other", "terms-of-the-initial-weights")
    stated = ModelCard.load(write_model_card(folder, license="apache-2.0"))
    assert (stated.data.license, stated.data.license_name) == ("apache-2.0", None)
    assert "VGGT-1B" not in stated.text


def test_a_model_of_the_released_size_names_its_terms(write_model):
    geometry = {"model_type": "spatialmosaic_vggt", "hidden_size": 1024, "num_hidden_layers": 24}
    assert "does not allow commercial use" in write_model_card(write_model(geometry_config=geometry)).read_text(
        "utf-8"
    )


def test_other_geometry(write_model):
    text = write_model_card(write_model(geometry_config={"model_type": "spatialmosaic_none"})).read_text("utf-8")
    assert "It has no geometry encoder" in text


def test_a_folder_without_its_own_code(write_model):
    text = write_model_card(write_model(auto_map={})).read_text("utf-8")
    assert "trust_remote_code" not in text and "import modeling_spatialmosaic" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "config.json").write_text("[]"), "holds a list"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "llava"}'), "of type 'llava'"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "spatialmosaic"}'), "lacks 'geometry"),
        (lambda folder: [path.unlink() for path in folder.glob("*.safetensors")], "holds no weights"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"12345678{}"), "is no safetensors file"),
        (
            lambda folder: save_file({"adapter.a": np.zeros(3, np.float32)}, folder / "model.safetensors"),
            "'adapter.a' belongs to no part",
        ),
    ],
)
def test_no_model(write_model, change, message):
    folder = write_model()
    change(folder)
    with pytest.raises(DatasetError, match=message):
        write_model_card(folder)
    assert not (folder / "README.md").exists()


def test_no_scores_file(write_model, tmp_path):
    folder = write_model()
    with pytest.raises(DatasetError, match=r"scores.json cannot be read"):
        write_model_card(folder, tmp_path / "scores.json")
    (tmp_path / "scores.json").write_text('{"results": {}}', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"is no scores.json"):
        write_model_card(folder, tmp_path / "scores.json")
    assert not (folder / "README.md").exists()
