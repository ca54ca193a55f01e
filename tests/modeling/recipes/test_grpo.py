"""`grpo`: the benchmark's own scores are the reward, and the adapter follows them."""

import pytest
import torch
from safetensors.torch import load_file

from dataset_builder.bench.reward import COLUMNS, benchmark_reward


ROWS = {
    "choice": ("obj_count_occ", "choice", ["A. 4", "B. 3"], "B", "3", None),
    "number": ("obj_count_occ_na", "number", [], None, "4", None),
    "point": ("obj_localization_occ_na", "point", [], None, "(10,10)", 20.0),
    "broken": ("obj_count_occ_na", "number", [], None, "many", None),
}


def reward(replies: list[tuple[str, str]]) -> tuple[list[float | None], dict[str, float]]:
    """Rewards of (row, reply) pairs as the trainer asks for them, and what was logged."""
    metrics: dict[str, float] = {}
    columns = {name: [ROWS[row][k] for row, _ in replies] for k, name in enumerate(COLUMNS)}
    rewards = benchmark_reward(
        prompts=[[{"role": "user", "content": "?"}]] * len(replies),
        completions=[[{"role": "assistant", "content": reply}] for _, reply in replies],
        completion_ids=[[0]] * len(replies),
        images=[[]] * len(replies),
        log_metric=metrics.__setitem__,
        **columns,
    )
    return rewards, metrics


def test_rewards_are_the_benchmarks_scores():
    """By hand: 3 of 4 is an error of a quarter, which five of the ten thresholds (50 to 5 %) bear; a point at the
    distance of 13 lies within 0.65 of the diagonal, which eight of the ten (0.5 to 1.4) bear."""
    rewards, metrics = reward(
        [
            ("choice", "B"),
            ("choice", "(B)"),
            ("choice", "A"),
            ("choice", "A or B"),
            ("number", "4"),
            ("number", "3"),
            ("number", "some"),
            ("point", "(10,10)"),
            ("point", "(22,15)"),
            ("broken", "4"),
        ]
    )
    assert rewards[:-1] == pytest.approx([1, 1, 0, 0, 1, 0.6, 0, 1, 0.8])
    assert rewards[-1] is None  # nothing could be right
    assert metrics == {"parse_failure_rate": 0.2}


def test_a_dataset_without_answers_is_refused():
    with pytest.raises(ValueError, match="lacks question_type, answer_format, .*Train on a dataset of this project"):
        benchmark_reward(
            completions=[[{"role": "assistant", "content": "A"}]], log_metric=print, options=[[]], mc_answer=["A"]
        )


@pytest.fixture(scope="module")
def reinforced(train, fine_tuned, few_steps):
    return train("grpo", "grpo.yaml", fine_tuned, *few_steps(4))


def test_replies_are_rewarded(reinforced, logged):
    checkpoint = reinforced / "checkpoint-4"
    rewards, failures = logged(checkpoint, "reward"), logged(checkpoint, "parse_failure_rate")
    assert len(rewards) == 4
    assert logged(checkpoint, "rewards/benchmark_reward/mean") == rewards
    # No reply of the choice rows is rewarded unless it can be read
    assert all(0 <= reward <= 1 - failure + 1e-6 for reward, failure in zip(rewards, failures, strict=True))
    assert any(0 < reward < 1 for reward in rewards)
    assert max(logged(checkpoint, "completions/max_length")) <= 16


def test_the_adapter_alone_moved(reinforced, fine_tuned):
    weights = load_file(reinforced / "adapter_model.safetensors")
    assert all(".language_model.layers." in name and ".lora_" in name for name in weights)
    assert any(tensor.any() for name, tensor in weights.items() if ".lora_B." in name)  # zero at first
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())


def test_a_misspelt_key_of_the_file_stops_the_run(trl, recipes, tmp_path):
    path = tmp_path / "grpo.yaml"
    path.write_text((recipes / "grpo.yaml").read_text(encoding="utf-8") + "num_generation: 8\n", encoding="utf-8")
    process = trl("grpo", path, "--use_cpu", "true", "--bf16", "false")
    assert process.returncode == 2
    assert "unrecognized arguments" in process.stderr and "num_generation" in process.stderr
