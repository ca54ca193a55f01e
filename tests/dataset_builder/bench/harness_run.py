"""Both halves of the harness's tests, for a process of its own: lmms-eval changes what is global in a process.

python harness_run.py TASKS_FOLDER SETTINGS.json OUT.json
"""

import json
import os
import sys
from hashlib import sha256
from pathlib import Path

from lmms_eval.api.model import lmms
from lmms_eval.evaluator import simple_evaluate
from lmms_eval.tasks import TaskManager

from dataset_builder.bench.lmms_eval.model import until_end


class Scripted(lmms):
    """Gives the replies that it was made with, and keeps what it is shown."""

    is_simple = False
    loglikelihood = generate_until_multi_round = None

    def __init__(self, replies: dict[str, str]):
        super().__init__()
        self.replies, self.shown = replies, {}

    def generate_until(self, requests):
        told = []
        for request in requests:
            _, doc_to_messages, _, doc_id, task, split = request.args
            doc = self.task_dict[task][split][doc_id]
            self.shown[doc["id"]] = [
                sha256(part["url"].tobytes()).hexdigest() if part["type"] == "image" else part["text"]
                for message in doc_to_messages(doc)
                for part in message["content"]
            ]
            told.append(self.replies[doc["id"]])
        return told


def run(**arguments) -> dict:
    """Results of the harness, and its log of the reply to every row by its id."""
    manager = TaskManager(include_path=sys.argv[1], include_defaults=False)
    found = simple_evaluate(task_manager=manager, bootstrap_iters=100, **arguments)
    replies = {
        sample["doc"]["id"]: sample["resps"][0][0] for of_task in found["samples"].values() for sample in of_task
    }
    return {"results": found["results"], "configs": found["configs"], "replies": replies}


scripted, plugin = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
os.environ["SPATIALMOSAIC_DATASET"] = scripted["dataset"]
model = Scripted(scripted["replies"])
out = {"scripted": run(model=model, tasks=["spatialmosaic"]), "shown": model.shown}

os.environ["SPATIALMOSAIC_DATASET"] = plugin["dataset"]
options = {"model": "spatialmosaic", "model_args": plugin["model_args"], "tasks": plugin["tasks"], "batch_size": 4}
out["plugin"] = run(**options)
out["short"] = run(**options, gen_kwargs="max_new_tokens=8")["replies"]
try:
    run(**options, gen_kwargs="temperature=0.7")
except ValueError as error:
    out["refusal"] = str(error)
out["ends"] = [until_end("one\n\ntwo. three", {"until": ends}) for ends in (["."], [".", "\n\n"], ["!"], [], None)]
Path(sys.argv[3]).write_text(json.dumps(out, default=str), encoding="utf-8")
