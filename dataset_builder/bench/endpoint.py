"""A served model: any server that speaks the chat completions of the OpenAI interface, images as data URLs."""

import base64
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from dataset_builder.bench.prompts import MAX_NEW_TOKENS, with_images
from dataset_builder.errors import DatasetError


KEY_VARIABLE = "OPENAI_API_KEY"
TIMEOUT_S = 600


class EndpointModel:
    """
    A model behind an address. It is asked greedily, several questions at a time.

    Args:
        base_url (`str`): such as `http://localhost:8000/v1`. The key of a server that wants one is read from the
            environment variable `OPENAI_API_KEY`.
        name (`str`): the server's name of the model.
    """

    has_geometry = False

    def __init__(self, base_url: str, name: str):
        self.url, self.name = f"{base_url.rstrip('/')}/chat/completions", name
        key = os.environ.get(KEY_VARIABLE)
        self.client = httpx.Client(timeout=TIMEOUT_S, headers={"Authorization": f"Bearer {key}"} if key else {})

    def facts(self) -> dict:
        """What is known of the model; a server tells neither weights nor precision."""
        return {"model_revision": None, "dtype": None, "device": None}

    def replies(self, rows: list[dict], max_new_tokens: int = MAX_NEW_TOKENS) -> list[str]:
        """What the model replies to each row's `prompt` and `images`.

        Raises:
            [`DatasetError`]: if the server cannot be reached, refuses, or answers otherwise than it should.
        """
        with ThreadPoolExecutor(len(rows)) as pool:
            return list(pool.map(lambda row: self._reply(row, max_new_tokens), rows))

    def _reply(self, row: Mapping, max_new_tokens: int) -> str:
        request = {
            "model": self.name,
            "messages": chat_messages(row["prompt"], row["images"]),
            "max_tokens": max_new_tokens,
            "temperature": 0,
        }
        try:
            response = self.client.post(self.url, json=request)
            response.raise_for_status()
            return response.json()["choices"][0]["message"]["content"] or ""
        except httpx.HTTPStatusError as error:
            raise DatasetError(
                f"{self.url} refused row {row['id']!r} with status {error.response.status_code}: "
                f"{error.response.text[:300]}. Check the model's name and the server's messages."
            ) from error
        except httpx.HTTPError as error:
            raise DatasetError(
                f"{self.url} gave no answer to row {row['id']!r} ({type(error).__name__}: {error}). Check that the "
                "server runs, then start the run again: it keeps the replies that it has."
            ) from error
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise DatasetError(
                f"{self.url} answered row {row['id']!r} otherwise than a chat completion ({error!r}): "
                f"{response.text[:300]}. Give the address of an OpenAI-compatible server, up to /v1."
            ) from error


def chat_messages(prompt: Sequence[Mapping], images: Sequence[bytes]) -> list[dict]:
    """A prompt as chat messages, its images in their places as data URLs of the stored files."""
    return with_images(prompt, images, lambda file: {"type": "image_url", "image_url": {"url": data_url(file)}})


def data_url(image: bytes) -> str:
    """A JPEG or PNG file as a data URL."""
    kind = "jpeg" if image.startswith(b"\xff\xd8") else "png"
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"
