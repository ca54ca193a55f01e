"""Any image-text-to-text model in lmms-eval, asked just as `spatialmosaic evaluate` asks it."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import torch
from accelerate import Accelerator
from lmms_eval.api.instance import Instance
from lmms_eval.api.model import lmms
from lmms_eval.protocol import ChatMessages

from dataset_builder.bench.asking import batches
from dataset_builder.bench.models import load_model
from dataset_builder.progress import progress_bar


class SpatialMosaic(lmms):
    """
    lmms-eval --model spatialmosaic --model_args pretrained=FOLDER,trust_remote_code=True --batch_size 16

    Args:
        pretrained (`str`): folder or Hub id of the model.
        trust_remote_code (`bool`, *optional*, defaults to `False`): run code that the model folder carries.
        batch_size (`int`, *optional*, defaults to 1): questions answered at a time.
        device (`str`, *optional*): by default the process's own accelerator if there is one.
    """

    is_simple = False

    def __init__(
        self, pretrained: str, trust_remote_code: bool = False, batch_size: int = 1, device: str | None = None
    ):
        super().__init__()
        self.accelerator = Accelerator()  # before the model: it gives each of several processes its own device
        self.local = load_model(pretrained, trust_remote_code)
        self.local.network.to(device or self.accelerator.device)
        self.batch_size = int(batch_size)

    @property
    def device(self) -> torch.device:
        """Where the model is; lmms-eval gathers the results of several processes there."""
        return self.local.network.device

    def generate_until(self, requests: list[Instance]) -> list[str]:
        """Replies to the requests in their order."""
        replies = []
        with progress_bar("Asking the model", len(requests), "questions") as advance:
            for batch in batches(iter(requests), self.batch_size):
                rows = [(self._row(request), request.args[2]) for request in batch]
                for (max_new_tokens, _), group in groupby(rows, key=_settings):
                    replies += self.local.replies([row for row, _ in group], max_new_tokens)
                advance(len(batch))
        return [until_end(reply, request.args[2]) for reply, request in zip(replies, requests, strict=True)]

    def _row(self, request: Instance) -> dict:
        """Prompt and images of a request."""
        _, doc_to_messages, _, doc_id, task, split = request.args
        messages = ChatMessages(messages=doc_to_messages(self.task_dict[task][split][doc_id]))
        images, videos, audios = messages.extract_media()
        if videos or audios:
            raise ValueError(f"The model sees images only; a prompt of task {task!r} holds video or sound.")
        prompt = [
            {
                "role": message.role,
                "content": [part.model_dump(include={"type", "text"}) for part in message.content],
            }
            for message in messages.messages
        ]
        return {"prompt": prompt, "images": images}

    def loglikelihood(self, requests):
        raise NotImplementedError("The model writes replies; it has no likelihoods of given ones.")

    def generate_until_multi_round(self, requests):
        raise NotImplementedError("The model answers one question at a time, without further rounds.")


def _settings(row: tuple[Mapping, Mapping]) -> tuple[int, bool]:
    """What must be the same in a batch: the greatest length of a reply, and whether there are images."""
    content, options = row
    if options.get("do_sample") or options.get("temperature"):
        raise ValueError(f"The model is asked greedily; a task wants samples ({options}). Set temperature=0.")
    return options["max_new_tokens"], bool(content["images"])


def until_end(reply: str, options: Mapping) -> str:
    """The reply up to where the task wants it to end."""
    ends: Sequence[str] = options.get("until") or ()
    return reply[: min((reply.find(end) for end in ends if end in reply), default=len(reply))]
