"""The benchmark's own score as a verifiable reward, for TRL's `GRPOTrainer`.

trl grpo --config ... --reward_funcs dataset_builder.bench.reward.benchmark_reward
"""

from collections.abc import Callable

from dataset_builder.bench.metrics import SCORERS, unscorable


# Columns of the dataset that a score needs
COLUMNS = ("question_type", "answer_format", "options", "mc_answer", "ground_truth", "bbox_2d_diag")


def benchmark_reward(
    completions: list[list[dict]], log_metric: Callable[[str, float], None], **columns: list
) -> list[float | None]:
    """
    Score of every reply, from 0 to 1: right or wrong for a choice, graded for a number or a point.

    The share of replies in which no answer can be read is logged as `parse_failure_rate`.

    Args:
        completions (`list[list[dict]]`): replies as messages, the text in the last one's `content`.
        log_metric (`Callable`): takes a name and a value; the trainer passes it.
        columns (`list`): the dataset's columns, one value for each reply; see `COLUMNS`.

    Returns:
        `list[float | None]`: `None` for a row to which no reply can be scored; the trainer leaves it out.

    Raises:
        `ValueError`: the dataset lacks a column.
    """
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise ValueError(
            f"The reward needs the columns {', '.join(COLUMNS)}; the dataset lacks {', '.join(missing)}. Train on a "
            "dataset of this project, or add them."
        )
    rewards, failures = [], 0
    for index, completion in enumerate(completions):
        row = {name: columns[name][index] for name in COLUMNS}
        if unscorable(row) is not None:
            rewards.append(None)
            continue
        scored = SCORERS[row["answer_format"]](row, completion[-1]["content"])
        rewards.append(scored.score)
        failures += not scored.parsed
    if completions:
        log_metric("parse_failure_rate", failures / len(completions))
    return rewards
