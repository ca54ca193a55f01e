import pytest

from dataset_builder.bench.prompts import kept_view, with_one_view, without_images
from dataset_builder.schema import build_prompt


COUNT = ["A. 4", "B. 3", "C. 2", "D. 1"]


def test_the_blind_prompt_keeps_every_word():
    prompt = build_prompt(2, "How many?", COUNT, "choice")
    blind = without_images(prompt)
    assert [part["type"] for part in blind[0]["content"]] == ["text", "text", "text"]
    assert [part["text"] for part in blind[0]["content"]] == [
        part["text"] for part in prompt[0]["content"] if part["type"] == "text"
    ]
    assert sum(part["type"] == "image" for part in prompt[0]["content"]) == 2, "the original is left as it was"


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("How many lamps are there?", 0),
        ("In Frame 3, where is the lamp?", 2),
        ("Is the lamp of Frame 2 in Frame 1?", 1),
        ("In Frame 9, where is the lamp?", 0),  # a frame that is not shown
        ("In Frame 0 or Frame 2?", 1),
        ("In Frame 12?", 0),
        ("Which Frames show it?", 0),
    ],
)
def test_the_view_that_is_kept(question, kept):
    assert kept_view(question, 4) == kept


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_one_view_keeps_its_name_and_the_question(kept):
    prompt = build_prompt(3, "How many?", COUNT, "choice")
    (message,) = with_one_view(prompt, kept)
    closing = "Answer with the option's letter from the given choices directly."
    words = f"How many?\nOptions:\nA. 4\nB. 3\nC. 2\nD. 1\n{closing}"
    assert [(part["type"], part["text"]) for part in message["content"]] == [
        ("text", f"Frame {kept + 1}:"),
        ("image", None),
        ("text", words),
    ]
    assert sum(part["type"] == "image" for part in prompt[0]["content"]) == 3, "the original is left as it was"
