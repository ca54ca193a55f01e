"""What a model is shown: the prompt of a row as it is, without its images, or with one view only."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from transformers import ProcessorMixin


# Raise it with every change that makes another prompt of the same row; it is stored with the replies.
PROMPT_VERSION = 1
MAX_NEW_TOKENS = 16

_FRAME = re.compile(r"\bFrame (\d+)\b")


def without_images(prompt: list[dict]) -> list[dict]:
    """The blind control's prompt: every word of the original, no image."""
    return [
        {**message, "content": [part for part in message["content"] if part["type"] != "image"]} for message in prompt
    ]


def kept_view(question: str, num_views: int) -> int:
    """Index of the view that the single-view control keeps: the first frame that the question names, else Frame 1.

    A question about one frame keeps the view that it is about: the control is as strong as one view can be.
    """
    named = [int(number) for number in _FRAME.findall(question)]
    return next((number - 1 for number in named if 1 <= number <= num_views), 0)


def with_one_view(prompt: list[dict], kept: int) -> list[dict]:
    """The prompt with the image of view `kept` alone, under its own name: "Frame 3:" stays "Frame 3:"."""
    shown, view = [], -1
    for message in prompt:
        content = []
        for part in message["content"]:
            if part["type"] == "image":
                view += 1
                if view != kept:
                    if content and content[-1]["text"] == f"Frame {view + 1}:":
                        content.pop()
                    continue
            content.append(part)
        shown.append({**message, "content": content})
    return shown


def with_images(prompt: Sequence[Mapping], images: Sequence, image_part: Callable[[Any], dict]) -> list[dict]:
    """The prompt as messages of another interface, with `image_part(image)` in the place of each image."""
    shown = iter(images)
    return [
        {
            "role": message["role"],
            "content": [
                image_part(next(shown)) if part["type"] == "image" else {"type": "text", "text": part["text"]}
                for part in message["content"]
            ],
        }
        for message in prompt
    ]


def chat_text(processor: ProcessorMixin, prompt: list[Mapping]) -> str:
    """A prompt in the model's chat markup, up to where its answer begins."""
    messages = [
        {
            "role": message["role"],
            "content": [
                {key: value for key, value in part.items() if value is not None} for part in message["content"]
            ],
        }
        for message in prompt
    ]
    return processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
