"""The README.md of a model folder, filled from its configuration and weights, its scores and its recipe."""

import json
from collections import Counter
from pathlib import Path

import yaml
from huggingface_hub import ModelCard, ModelCardData, parse_local_safetensors_file_metadata
from huggingface_hub.errors import SafetensorsParsingError

from dataset_builder.errors import DatasetError
from hub_cards.markdown import save, table
from hub_cards.scores import eval_results, scores_section


TEMPLATE = Path(__file__).with_name("model.md")
MODEL_TYPE = "spatialmosaic"
# Tensors by the beginning of their names
PARTS = {
    "model.vision_tower.": "vision tower",
    "model.geometry_tower.": "geometry encoder",
    "model.fusion_block.": "fusion block",
    "model.multi_modal_projector.": "projector",
    "model.image_newline": "projector",
    "model.language_model.": "language model",
    "lm_head.": "language model",
}
GEOMETRY_NAMES = {
    "spatialmosaic_vggt": "VGGT",
    "spatialmosaic_pointmap": "point maps that the user gives",
    "spatialmosaic_none": "none",
}
# The released VGGT; a model of this size has most likely been converted from it
VGGT_1B = {"model_type": "spatialmosaic_vggt", "hidden_size": 1024, "num_hidden_layers": 24}
# Options of a recipe that say where files went, not how the model came about
NOT_OF_THE_MODEL = {"output_dir", "logging_dir", "report_to", "run_name", "push_to_hub", "hub_model_id", "hub_token"}
UNKNOWN_LICENSE = {"license": "other", "license_name": "terms-of-the-initial-weights"}


def write_model_card(
    folder: Path,
    scores: Path | None = None,
    recipe: Path | None = None,
    training: str | None = None,
    license: str | None = None,
) -> Path:
    """Write the README.md of a model folder, and return its path. Weights are counted, not loaded.

    Args:
        folder (`Path`): a folder that `save_pretrained` wrote.
        scores (`Path`, *optional*): `scores.json` of `spatialmosaic evaluate`.
        recipe (`Path`, *optional*): YAML file of the options that it was trained with.
        training (`str`, *optional*): how it was trained, in words; for a model without a recipe.
        license (`str`, *optional*): the Hub's name of the licence of the weights. A folder does not tell what its
            training started from, so without this the card says that the terms of those weights hold.

    Raises:
        [`DatasetError`]: if `folder` is no such folder, or a file is not what it should be.
    """
    folder = Path(folder)
    config = _read_config(folder)
    parts = count_parameters(folder)
    results = _read(scores, json.loads, "scores.json of `spatialmosaic evaluate`") if scores else None
    options = _read(recipe, yaml.safe_load, "YAML file of training options") if recipe else None
    try:
        report, evaluated = (scores_section(results), eval_results(results)) if results else (None, None)
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{scores} is no scores.json ({error!r}). Run `spatialmosaic evaluate` again.") from error
    geometry = config["geometry_config"]
    card = ModelCard.from_template(
        ModelCardData(
            language=["en"],
            **({"license": license} if license else UNKNOWN_LICENSE),
            library_name="transformers",
            pipeline_tag="image-text-to-text",
            tags=["spatial-reasoning", "multi-view", "3d", "vision-language", MODEL_TYPE],
            model_name=folder.resolve().name,
            eval_results=evaluated,
        ),
        template_path=str(TEMPLATE),
        name=folder.resolve().name,
        parameters=f"{sum(parts.values()):,}",
        geometry=None if geometry["model_type"] == "spatialmosaic_none" else _geometry_name(config),
        attends=_attends(config),
        parts_table=_parts_table(config, parts),
        dtype=config.get("dtype"),
        transformers=config.get("transformers_version"),
        own_code=bool(config.get("auto_map")),
        takes_point_maps=geometry["model_type"] == "spatialmosaic_pointmap",
        scores=report,
        recipe=_recipe(options) if options else None,
        training=training,
        license=license,
        like_vggt=all(geometry.get(name) == value for name, value in VGGT_1B.items()),
    )
    return save(card, folder)


def count_parameters(folder: Path) -> dict[str, int]:
    """Parameters of each part of the model, from the headers of the safetensors files of a folder."""
    paths = sorted(folder.glob("model*.safetensors"))
    if not paths:
        raise DatasetError(
            f"{folder} holds no weights: model.safetensors is missing. Give a folder that `save_pretrained` wrote."
        )
    counts: Counter = Counter()
    for path in paths:
        try:
            tensors = parse_local_safetensors_file_metadata(path).tensors
        except SafetensorsParsingError as error:
            raise DatasetError(f"{path} is no safetensors file ({error}). Save the model again.") from error
        for name, tensor in tensors.items():
            part = next((part for start, part in PARTS.items() if name.startswith(start)), None)
            if part is None:
                raise DatasetError(
                    f"{path}: the tensor {name!r} belongs to no part of a SpatialMosaic model, whose tensors begin "
                    f"with {', '.join(PARTS)}. Merge an adapter into its model before you save it."
                )
            counts[part] += tensor.parameter_count
    return {part: counts[part] for part in dict.fromkeys(PARTS.values()) if counts[part]}


def _read_config(folder: Path) -> dict:
    path = folder / "config.json"
    if not path.is_file():
        raise DatasetError(f"{folder} is no model: {path} is missing. Give a folder that `save_pretrained` wrote.")
    config = _read(path, json.loads, "configuration of a model")
    if config.get("model_type") != MODEL_TYPE:
        raise DatasetError(
            f"{path} is of a model of type {config.get('model_type')!r}. This card is for the type {MODEL_TYPE!r}."
        )
    lacking = [f"{name}_config" for name in ("geometry", "text", "vision") if f"{name}_config" not in config]
    if lacking:
        raise DatasetError(f"{path} lacks {lacking[0]!r}. Save the model again.")
    return config


def _read(path: Path, parse, what: str) -> dict:
    """The mapping in a file."""
    try:
        content = parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DatasetError(f"{path} cannot be read ({error}). It must be the {what}.") from error
    if not isinstance(content, dict):
        raise DatasetError(f"{path} holds a {type(content).__name__}. It must be the {what}.")
    return content


def _geometry_name(config: dict) -> str:
    kind = config["geometry_config"]["model_type"]
    return GEOMETRY_NAMES.get(kind, kind)


def _attends(config: dict) -> bool:
    """Whether visual tokens query the geometry tokens by attention, as published; older folders do not say so."""
    return config.get("fusion_type", "cross_attention") == "cross_attention"


def _parts_table(config: dict, counts: dict[str, int]) -> str:
    """Each part with what it is, its layers and its width."""
    vision, geometry, text = (config[f"{name}_config"] for name in ("vision", "geometry", "text"))
    # later layers are not built
    vision_layers = vision["num_hidden_layers"] + 1 + config["vision_feature_layer"]
    fusion = f"cross-attention, {config['fusion_num_heads']} heads" if _attends(config) else "patch by patch"
    about = {
        "vision tower": ("SigLIP", vision_layers, vision["hidden_size"]),
        "geometry encoder": (_geometry_name(config), geometry.get("num_hidden_layers"), geometry.get("hidden_size")),
        "fusion block": (fusion, 1, vision["hidden_size"]),
        "projector": ("two linear maps", None, text["hidden_size"]),
        "language model": (text["model_type"], text["num_hidden_layers"], text["hidden_size"]),
    }
    rows = [[part, *about[part], count] for part, count in counts.items()]
    return table(["part", "kind", "layers", "width", "parameters"], rows, labels=2)


def _recipe(options: dict) -> str:
    """Training options as YAML, without those that say where files went; of a path on some machine, the name alone."""
    told = {
        name: Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value
        for name, value in options.items()
        if name not in NOT_OF_THE_MODEL
    }
    return yaml.safe_dump(told, sort_keys=False).strip()
