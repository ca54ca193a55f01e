"""Trains the language models of the study: what all arms start from by a plain loop, arms by the stock `Trainer`."""

import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy, pad
from torch.utils.data import Dataset
from transformers import PreTrainedModel, Trainer, TrainingArguments

from modeling_spatialmosaic import SpatialMosaicProcessor
from modeling_spatialmosaic.recipes.geometry_study.build import autocast, has_fast_bfloat16
from modeling_spatialmosaic.recipes.geometry_study.conversations import IGNORED, Collator
from modeling_spatialmosaic.recipes.geometry_study.loop import MAX_GRAD_NORM, POINTS_OF_A_CURVE, WARMUP, fit
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget


EVALUATIONS = 3
GEOMETRY_CACHE_BYTES = 2**31


def train_language(
    model: PreTrainedModel,
    budget: Budget,
    samples: Sequence[dict],
    collator: Collator,
    seed: int,
    reader: torch.nn.Module | None = None,
) -> dict:
    """
    Train what is not frozen; the layers of the language model by Muon, with which words found what they name in fewer
    steps.

    Args:
        samples (sequence of `dict`): drawn with replacement, by the seed.
        reader (`torch.nn.Module`, *optional*): the model behind something that makes its input, see [`ReadsTold`].

    Returns:
        `dict`: what `fit` returns; the loss is called `answers`.
    """
    reader = (model if reader is None else reader).train()
    generator = torch.Generator().manual_seed(seed)

    def losses() -> dict[str, torch.Tensor]:
        chosen = torch.randint(len(samples), (budget.batch_size,), generator=generator)
        batch = collator([samples[k] for k in chosen.tolist()])
        with autocast(model.device):
            loss = reader(**{name: one.to(model.device) for name, one in batch.items()}).loss
        return {"answers": loss}

    parameters = [one for one in model.parameters() if one.requires_grad]
    return fit(parameters, budget, losses, stack=model.model.language_model, readout=model.lm_head.weight)


def train_arm(
    model: PreTrainedModel,
    processor: SpatialMosaicProcessor,
    budget: Budget,
    samples: Dataset,
    held_out: Dataset,
    collator: Collator,
    seed: int,
    folder: Path,
) -> dict:
    """
    Train a model and save it with its processor.

    Args:
        held_out (`Dataset`): samples of the validation split, whose loss is taken a few times.
        seed (`int`): of the order of the samples.
        folder (`Path`): where to save; the trainer's own files go to its sub-folder `trainer`.

    Returns:
        `dict`: `curve`, the logged losses by step; `validation_loss`, the last; `processor_s_per_step`.
    """
    stretch = max(1, budget.steps // POINTS_OF_A_CURVE)
    on_gpu = torch.cuda.is_available()
    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"),
        max_steps=budget.steps,
        per_device_train_batch_size=budget.batch_size,
        per_device_eval_batch_size=budget.batch_size,
        learning_rate=budget.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, round(WARMUP * budget.steps)),
        weight_decay=0.0,
        max_grad_norm=MAX_GRAD_NORM,
        bf16=has_fast_bfloat16(),
        use_cpu=not on_gpu,
        seed=seed,
        logging_steps=stretch,
        eval_strategy="steps",
        eval_steps=max(1, budget.steps // EVALUATIONS),
        prediction_loss_only=True,
        save_strategy="no",
        report_to="none",
        remove_unused_columns=False,
        disable_tqdm=True,
        # The photos lie in memory: a few workers cut batches for a GPU; a CPU has no core to spare
        dataloader_num_workers=2 if on_gpu else 0,
    )
    trainer = Trainer(
        model=model, args=arguments, train_dataset=samples, eval_dataset=held_out, data_collator=collator
    )
    started = time.process_time()
    trainer.train()
    processor_s = time.process_time() - started
    if budget.steps % arguments.eval_steps:  # else it was just taken
        trainer.evaluate()
    validation_loss = [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry][-1]
    model.cpu().save_pretrained(folder)
    processor.save_pretrained(folder)
    curve = [
        {"step": entry["step"], **{name: entry[name] for name in ("loss", "eval_loss") if name in entry}}
        for entry in trainer.state.log_history
        if "loss" in entry or "eval_loss" in entry
    ]
    return {
        "curve": curve,
        "validation_loss": validation_loss,
        "processor_s_per_step": processor_s / budget.steps,
    }


@torch.inference_mode()
def validate(
    model: torch.nn.Module, samples: Sequence[dict], collator: Collator, batch_size: int, others_photos: bool = False
) -> dict[str, float]:
    """
    How well a model knows the answers.

    Args:
        others_photos (`bool`): show each conversation the photos of the next one with as many views. What is right
            even so was not seen.

    Returns:
        `dict`: `right`, the share of the answers of which every token is the most likely one after the true ones
        before it; `loss`, the mean cross-entropy of the answers' tokens.
    """
    if others_photos:
        samples = swap_photos(samples)
    where, right, answers, losses = next(model.parameters()).device, 0, 0, []
    for k in range(0, len(samples), batch_size):
        batch = {name: one.to(where) for name, one in collator(samples[k : k + batch_size]).items()}
        labels = batch.pop("labels")[:, 1:]
        logits = model(**batch).logits[:, :-1]
        learned = labels != IGNORED
        losses.append(cross_entropy(logits[learned].float(), labels[learned], reduction="none").cpu())
        wrong = (logits.argmax(-1) != labels) & learned
        # answers are runs of labels, and are numbered in each row
        starts = learned & ~pad(learned, (1, 0))[:, :-1]
        numbers = starts.cumsum(1)
        for row in range(len(labels)):
            count = int(numbers[row, -1])
            answers += count
            right += count - len(numbers[row][wrong[row]].unique())
    return {"right": right / answers, "loss": float(torch.cat(losses).mean())}


def swap_photos(samples: Sequence[dict]) -> list[dict]:
    """The samples, each with the frames of the next one that shows as many."""
    swapped = [dict(sample) for sample in samples]
    for views in {len(sample["index"]) for sample in samples}:
        same = [k for k, sample in enumerate(samples) if len(sample["index"]) == views]
        for k, following in zip(same, [*same[1:], same[0]], strict=True):
            swapped[k]["index"] = samples[following]["index"]
    return swapped
