"""Trains the vision-language models of the study by the stock `Trainer`."""

import time
from pathlib import Path

import torch
from torch.utils.data import Dataset
from transformers import PreTrainedModel, Trainer, TrainingArguments

from modeling_spatialmosaic import SpatialMosaicProcessor
from modeling_spatialmosaic.recipes.geometry_study.build import has_fast_bfloat16
from modeling_spatialmosaic.recipes.geometry_study.conversations import Collator
from modeling_spatialmosaic.recipes.geometry_study.loop import MAX_GRAD_NORM, POINTS_OF_A_CURVE, WARMUP
from modeling_spatialmosaic.recipes.geometry_study.settings import Budget


EVALUATIONS = 5
GEOMETRY_CACHE_BYTES = 2**31


def train(
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
    validation_loss = trainer.evaluate()["eval_loss"]
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
