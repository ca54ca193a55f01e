"""The real `transformers serve` with a tiny model: it replies as the same model does in this process."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from transformers.utils.import_utils import is_serve_available

import dataset_builder
from dataset_builder.bench.run import evaluate


CONTROLS = ("blind", "single_view")
START_S = 120


@pytest.fixture
def address(model_dir, tmp_path):
    """Address of a server that this starts and stops."""
    if not is_serve_available():
        pytest.skip("the server's packages are not installed: pip install 'transformers[serving]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--device", "cpu", "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "modeling_spatialmosaic.serve", model_dir, *options],
            cwd=Path(dataset_builder.__file__).parents[1],
            env=os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + START_S
        while not _answers(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text("utf-8")[
                -3000:
            ]
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def test_the_same_replies_as_in_the_process(address, dataset, model_dir, tmp_path):
    local = evaluate(str(model_dir), dataset, tmp_path / "local", controls=CONTROLS, trust_remote_code=True)
    served = evaluate(str(model_dir), dataset, tmp_path / "served", controls=CONTROLS, base_url=address)
    assert served["results"] == local["results"]
    here, there = (
        [json.loads(line) for line in (tmp_path / name / "replies.jsonl").read_text("utf-8").splitlines()]
        for name in ("local", "served")
    )
    assert here == there and len(here) == 9
    assert all(len({reply["model"], reply["blind"], reply["single_view"]}) == 3 for reply in here), "images matter"
