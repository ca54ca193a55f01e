"""A served model: the tiny one behind a small server here gives the replies that it gives in the process."""

import base64
import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import pytest

from dataset_builder.bench.endpoint import chat_messages, data_url
from dataset_builder.bench.models import load_model
from dataset_builder.bench.run import evaluate
from dataset_builder.errors import DatasetError


@pytest.fixture
def serve():
    """Start a server whose answers a function of the request makes: `(status, object)`. Gives its address."""
    servers = []

    def start(answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, content = answer(self.path, dict(self.headers), request)
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def completion(text: str | None) -> dict:
    return {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}


def test_the_same_replies_as_in_the_process(serve, dataset, model_dir, tmp_path):
    model, lock, seen = load_model(str(model_dir), True), Lock(), []

    def answer(path, headers, request):
        seen.append((path, request["model"], request["temperature"], request["max_tokens"]))
        prompt, images = [], []
        for message in request["messages"]:
            parts = []
            for part in message["content"]:
                if part["type"] == "image_url":
                    images.append(base64.b64decode(part["image_url"]["url"].removeprefix("data:image/jpeg;base64,")))
                    part = {"type": "image", "text": None}
                parts.append(part)
            prompt.append({"role": message["role"], "content": parts})
        with lock:  # the model takes one question at a time
            return 200, completion(model.replies([{"prompt": prompt, "images": images}], request["max_tokens"])[0])

    controls = ("blind", "single_view", "majority", "geometry_zero")
    options = {"max_new_tokens": 5}
    local = evaluate(
        str(model_dir), dataset, tmp_path / "local", controls=controls[:3], trust_remote_code=True, **options
    )
    served = evaluate("tiny", dataset, tmp_path / "served", controls=controls, base_url=serve(answer), **options)
    assert served["results"] == local["results"]
    told = [
        [
            {key: reply[key] for key in ("id", "model", "blind", "single_view")}
            for reply in map(json.loads, (tmp_path / name / "replies.jsonl").read_text(encoding="utf-8").splitlines())
        ]
        for name in ("local", "served")
    ]
    assert told[0] == told[1]
    assert set(seen) == {("/v1/chat/completions", "tiny", 0, 5)} and len(seen) == 27
    note = "A served model shows no geometry branch: geometry_zero and geometry_shuffle are left out."
    assert note in served["notes"]
    text = (tmp_path / "served" / "scores.md").read_text(encoding="utf-8")
    assert f"- model: `tiny`, served at {served['base_url']}" in text


def test_the_key_is_sent_only_if_there_is_one(serve, dataset, tmp_path, monkeypatch):
    keys = []

    def answer(path, headers, request):
        keys.append(headers.get("Authorization"))
        return 200, completion(None)

    address = serve(answer)
    for key, folder in ((None, "a"), ("secret", "b")):
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        if key:
            monkeypatch.setenv("OPENAI_API_KEY", key)
        scores = evaluate("m", dataset, tmp_path / folder, controls=(), base_url=address)
        assert "secret" not in "".join(path.read_text("utf-8") for path in (tmp_path / folder).rglob("*.json*"))
    assert set(keys[:9]) == {None} and set(keys[9:]) == {"Bearer secret"}
    assert scores["results"]["model"]["parse_failure_rate"] == 1.0, "no content is no answer"


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ((404, {"error": "no model m"}), r"refused row '\w+' with status 404: .*no model m.*Check the model's name"),
        ((200, {"detail": "hello"}), r"otherwise than a chat completion \(KeyError\('choices'\)\): .*hello"),
        ((200, []), "otherwise than a chat completion"),
    ],
)
def test_servers_that_do_otherwise(serve, dataset, tmp_path, answer, match):
    with pytest.raises(DatasetError, match=match):
        evaluate("m", dataset, tmp_path, controls=(), base_url=serve(lambda *request: answer))


def test_no_server(dataset, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DatasetError, match=r"gave no answer to row .*ConnectError.*it keeps the replies"):
        evaluate("m", dataset, tmp_path, controls=(), base_url=f"http://127.0.0.1:{port}/v1")


def test_images_are_in_their_places():
    content = [{"type": "text", "text": "one"}, {"type": "image", "text": None}, {"type": "image", "text": None}]
    (message,) = chat_messages([{"role": "user", "content": content}], [b"\xff\xd8a", b"\x89PNGb"])
    urls = [part["image_url"]["url"] for part in message["content"][1:]]
    assert urls == [data_url(b"\xff\xd8a"), data_url(b"\x89PNGb")]
    assert [url[:16] for url in urls] == ["data:image/jpeg;", "data:image/png;b"]
