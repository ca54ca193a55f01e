"""The study's report: results as JSON and as text, the picture, and the best small model with its card."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from transformers import AutoModelForImageTextToText

from dataset_builder.bench.report import table, with_interval
from dataset_builder.bench.run import evaluate
from hub_cards.model_card import write_model_card
from modeling_spatialmosaic.recipes.geometry_study.build import MAX_NEW_TOKENS
from modeling_spatialmosaic.recipes.geometry_study.comparison import LEVELS, OVERALL, Comparison
from modeling_spatialmosaic.recipes.geometry_study.plot import draw_study
from modeling_spatialmosaic.recipes.geometry_study.scoring import held_out_rows
from modeling_spatialmosaic.recipes.geometry_study.settings import ARMS, StudySettings


# Arms that see photos alone, as a user has them
FROM_PHOTOS = ("vggt", "none")
MAX_MODEL_BYTES = 30_000_000
OF_TOKENS = "alignment"  # among the facts of an arm


def write_report(
    settings: StudySettings,
    arms: Mapping[tuple[str, int], Path],
    pretraining: Mapping[str, Mapping],
    majority: Mapping[str, str],
    dataset: Path,
    images: Path,
    folder: Path,
) -> None:
    """
    Write `results.json`, `results.md`, `results.png` and `model/`.

    Args:
        arms (`Mapping`): folder of every arm and seed.
        pretraining (`Mapping`): what the stages before them found.
        majority (`Mapping`): best constant answer of every question type.
    """
    folder.mkdir(parents=True, exist_ok=True)
    facts = {f"{arm}_{seed}": json.loads((path / "facts.json").read_text()) for (arm, seed), path in arms.items()}
    results = Comparison(arms, held_out_rows(dataset, settings), majority, settings.data.seed).results()
    everything = {"settings": asdict(settings), "pretraining": pretraining, "arms": facts, **results}
    (folder / "results.json").write_text(json.dumps(everything, indent=1), encoding="utf-8")
    (folder / "results.md").write_text(render(everything), encoding="utf-8")
    draw_study(results, loss_curves(pretraining, facts), folder / "results.png")
    save_best(settings, arms, facts, dataset, images, folder)


def loss_curves(pretraining: Mapping, facts: Mapping) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Lines of every panel of the picture."""

    def line(curve: list[dict], name: str) -> list[tuple[float, float]]:
        return [(point["step"], point[name]) for point in curve if name in point]

    return {
        "Answers, training loss, every seed": {
            name.replace("_", " "): line(f["curve"], "loss") for name, f in facts.items()
        },
        "Answers, validation loss, every seed": {
            name.replace("_", " "): line(f["curve"], "eval_loss") for name, f in facts.items()
        },
        "Pretraining of VGGT, losses": {
            name: line(pretraining["vggt"]["curve"], name) for name in ("camera", "depth", "points")
        },
        "Pretraining of the language model, answers": {
            part: line(pretraining[stage][part]["curve"], "answers")
            for stage, part in (("language", "lists"), ("language", "tours"), ("base", "photos"))
        },
    }


def render(everything: Mapping) -> str:
    """The results as Markdown."""
    scores, differences = everything["scores"], everything["differences"]
    seeds = everything["settings"]["seeds"]

    def cell(numbers: Mapping | None) -> str:
        return with_interval(numbers["score"], numbers["interval"]) if numbers else "–"

    def parts(start: str) -> str:
        names = [part for part in scores[ARMS[0]] if part.startswith(start)]
        return table(
            ["", "questions", *ARMS, "vggt - none", "pointmap - none", "majority"],
            [
                [
                    f"`{part.removeprefix(start)}`",
                    f"{scores[ARMS[0]][part]['count']:,}",
                    *(cell(scores[arm][part]) for arm in ARMS),
                    *(cell(differences[pair][part]) for pair in ("vggt - none", "pointmap - none")),
                    cell(scores["majority"][part]),
                ]
                for part in names
            ],
        )

    arms = everything["arms"]
    first = arms[f"{ARMS[0]}_{seeds[0]}"]

    def each(arm: str, name: str, of: str | None = None) -> str:
        facts = [arms[f"{arm}_{seed}"] for seed in seeds]
        return ", ".join(f"{(one[of] if of else one)[name]:.3f}" for one in facts)

    return "\n".join(
        [
            "# Does the geometry help?\n",
            f"Percent, {OVERALL}; {len(seeds)} seeds. In brackets the 95 % interval, by drawing scenes and seeds. "
            f"Run on {first['device']}, {', '.join(f'{name} {one}' for name, one in first['versions'].items())}.\n",
            *(f"- {sentence(pair, parts_[OVERALL])}" for pair, parts_ in differences.items() if parts_[OVERALL]),
            "",
            table(
                ["", *ARMS],
                [
                    [control, *(cell(scores.get(_series(arm, control), {}).get(OVERALL)) for arm in ARMS)]
                    for control in ("model", "blind", "single_view", "geometry_zero", "geometry_shuffle")
                ]
                + [
                    ["majority", *[cell(scores["majority"][OVERALL])] * len(ARMS)],
                    ["chance (choices alone)", *[cell(scores["chance"][OVERALL])] * len(ARMS)],
                    ["parameters", *(f"{arms[f'{arm}_{seeds[0]}']['parameters']:,}" for arm in ARMS)],
                    ["of them trained", *(f"{arms[f'{arm}_{seeds[0]}']['trained']:,}" for arm in ARMS)],
                    [
                        "image tokens tell points, metres off, each seed",
                        *(each(a, "point_error_m", OF_TOKENS) for a in ARMS),
                    ],
                    [
                        "image tokens tell depth, metres off, each seed",
                        *(each(a, "depth_error_m", OF_TOKENS) for a in ARMS),
                    ],
                    ["validation loss of each seed", *(each(arm, "validation_loss") for arm in ARMS)],
                    ["processor seconds per step", *(each(arm, "processor_s_per_step") for arm in ARMS)],
                ],
            ),
            "## By question type\n",
            parts("question_type: "),
            *(f"## By `{level}`\n\n{parts(f'{level}: ')}" for level in LEVELS),
            "## Pretraining\n",
            *(f"- {name}: {_numbers(everything['pretraining'][name])}" for name in everything["pretraining"]),
            "",
        ]
    )


def sentence(pair: str, difference: Mapping) -> str:
    """What a difference and its interval say."""
    shown = with_interval(difference["score"], difference["interval"])
    interval = difference["interval"]
    if interval is None:
        verdict = "one scene tells nothing about others"
    elif interval[0] > 0:
        verdict = "better"
    elif interval[1] < 0:
        verdict = "worse"
    else:
        verdict = "no difference is shown"
    return f"{pair}: {shown}; {verdict}."


def save_best(
    settings: StudySettings,
    arms: Mapping[tuple[str, int], Path],
    facts: Mapping[str, Mapping],
    dataset: Path,
    images: Path,
    folder: Path,
) -> None:
    """
    The model with the lowest validation loss among those that see photos alone, with a card of its scores on the test
    split by `spatialmosaic evaluate`. The test split has no say in the choice.
    """
    candidates = [key for key in arms if key[0] in FROM_PHOTOS]
    arm, seed = min(candidates, key=lambda key: facts[f"{key[0]}_{key[1]}"]["validation_loss"])
    target = folder / "model"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(
        arms[arm, seed],
        target,
        ignore=shutil.ignore_patterns("trainer", "asked", "*.jsonl", "facts.json", "finished.json"),
    )
    weights = target / "model.safetensors"
    if weights.stat().st_size > MAX_MODEL_BYTES:
        # Not from `target`: weights in memory may be the file that is overwritten
        halved = AutoModelForImageTextToText.from_pretrained(
            arms[arm, seed], trust_remote_code=True, dtype=torch.bfloat16
        )
        halved.save_pretrained(target)
    if weights.stat().st_size > MAX_MODEL_BYTES:
        raise ValueError(f"{weights} must not exceed {MAX_MODEL_BYTES:,} bytes, has {weights.stat().st_size:,}.")
    evaluate(
        str(target),
        dataset,
        folder / "model_scores",
        limit=settings.limit,
        batch_size=settings.score_batch_size,
        trust_remote_code=True,
        images_root=images,
        max_new_tokens=MAX_NEW_TOKENS,
    )
    training = (
        f"The geometry study (`docs/geometry_study.md`), arm `{arm}`, seed {seed}: stock `Trainer`, "
        f"{settings.answer_budget.steps:,} steps of {settings.answer_budget.batch_size} conversations on procedural "
        f"rooms, shown as photos {settings.data.image_size} pixels wide, on weights that were trained from scratch."
    )
    write_model_card(target, folder / "model_scores" / "scores.json", training=training, license="apache-2.0")


def _series(arm: str, control: str) -> str:
    return arm if control == "model" else f"{arm}/{control}"


def _numbers(facts: Mapping) -> str:
    """The single numbers among the facts of a stage."""
    flat = dict(facts)
    for group in ("errors", "alignment", "lists", "tours", "photos"):
        flat |= {f"{group}: {name}": value for name, value in facts.get(group, {}).items()}
    return ", ".join(f"{name} {value:.4g}" for name, value in flat.items() if isinstance(value, (int, float)))
