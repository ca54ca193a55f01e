"""The app in a browser: what a person sees, against the Parquet files."""

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlparse
from urllib.request import urlopen

import pyarrow.parquet as pq
import pytest
from PIL import Image


playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
pytest.importorskip("gradio", reason="needs gradio")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

APP = Path(__file__).resolve().parents[3] / "hub_cards" / "space" / "app.py"
ORANGE = (0xD5, 0x5E, 0)


def listen() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    return server


@pytest.fixture(scope="module")
def outside():
    """Stands for the rest of the world: whoever calls out would connect to it."""
    with listen() as server:
        yield server


@pytest.fixture(scope="module")
def address(dataset, outside, tmp_path_factory):
    """The app, started as a person would, with the dataset given as on a Space."""
    with listen() as free:
        port = free.getsockname()[1]
    proxy = f"http://127.0.0.1:{outside.getsockname()[1]}"
    environment = {
        **os.environ,
        "SPATIALMOSAIC_DATASET": str(dataset),
        "GRADIO_SERVER_PORT": str(port),
        "HTTP_PROXY": proxy,
        "HTTPS_PROXY": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
    }
    log = tmp_path_factory.mktemp("app") / "log"
    with log.open("w") as stream:
        app = subprocess.Popen([sys.executable, str(APP)], env=environment, stdout=stream, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert app.poll() is None, log.read_text()
            try:
                urlopen(url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        yield url
    finally:
        app.terminate()
        app.wait()
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        # no name but the app's own can be resolved
        rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", rules])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, address, outside):
    """An empty page whose requests and complaints are watched."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    strangers, complaints = [], []
    opened.on("request", lambda request: strangers.append(request.url) if not _is_own(request.url, address) else None)
    opened.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert strangers == [] and complaints == []
    with pytest.raises(BlockingIOError):  # nobody has connected
        outside.accept()


def _is_own(url: str, address: str) -> bool:
    return url.startswith(address) or urlparse(url).scheme in {"data", "blob"}


def stored(dataset: Path, config: str, split: str, **chosen) -> list[dict]:
    rows = pq.read_table(next((dataset / "data" / config).glob(f"{split}-*"))).to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in chosen.items())]


def target_boxes(row: dict) -> dict[int, list[int]]:
    """Boxes of the target's visible pixels, by view."""
    views = json.loads(row["evidence"])["targets"][0]["views"]
    return {k: view["visible_box"] for k, view in enumerate(views) if view["visible_box"]}


def choose(page, name: str, label: str) -> None:
    page.click(f"#{name} input")
    page.get_by_role("option").get_by_text(label).click()


def wait_for_row(page, row: dict) -> None:
    page.wait_for_function("id => new URLSearchParams(location.search).get('id') === id", arg=row["id"])
    assert page.inner_text(".sm-question") == row["question"]
    assert page.input_value("#row_id textarea, #row_id input") == row["id"]


def shown_images(page) -> list[bytes]:
    sources = page.eval_on_selector_all(".sm-view img", "images => images.map(image => image.src)")
    return [base64.b64decode(source.partition(",")[2]) for source in sources]


def settle(page) -> None:
    """Wait until the server has answered what was asked last."""
    page.wait_for_timeout(50)
    page.wait_for_function("!document.body.classList.contains('sm-busy')")


def test_a_person_filters_looks_tries_and_reads_on(page, address, dataset):
    split, level = next(
        (split, level)
        for split in ("train", "test")
        for level in ("none", "low", "medium", "high")
        if any(target_boxes(row) for row in stored(dataset, "object_localization", split, occ_level=level)[:1])
    )
    rows = stored(dataset, "object_localization", split, occ_level=level)
    page.goto(address)
    page.wait_for_selector(".sm-view img")
    settle(page)
    choose(page, "config", "object_localization")
    settle(page)
    choose(page, "split", split)
    settle(page)
    choose(page, "occ_level", f"{level} ({len(rows)})")
    settle(page)
    row = rows[0]
    wait_for_row(page, row)
    assert page.inner_text(".sm-status") == f"1 of {len(rows)} questions"

    # the views, as they are stored but for the points that the options name, in Frame 2
    images = shown_images(page)
    assert [images[k] == row["images"][k]["bytes"] for k in range(3)] == [True, False, True]
    assert page.inner_text(".sm-asked figcaption").startswith("Frame 2")
    assert page.locator("#option label").all_inner_texts() == row["options"]

    # boxes: the frame around the target's pixels in its colour, wherever a view has it
    page.locator("#overlays label", has_text="Boxes").click()
    settle(page)
    images = shown_images(page)
    for k, (x0, y0, _, y1) in target_boxes(row).items():
        frame = Image.open(io.BytesIO(images[k])).convert("RGB").crop((x0 - 4, y0, x0 - 1, y1))
        mean = frame.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        assert max(abs(a - b) for a, b in zip(mean, ORANGE, strict=True)) < 40

    # the answer is nowhere until it is asked for
    assert page.locator(".sm-answer").count() == 0
    page.locator("#option label", has_text="B. No").click()
    page.click("#reveal")
    page.wait_for_selector(".sm-answer")
    assert page.inner_text(".sm-answer") == "✗ You chose B. No. Answer: C. Yes; (60, 70)"
    assert "Evidence" in page.inner_text("#answer")

    # on: the next question of the same choice, its answer hidden again
    following = rows[1 % len(rows)]
    page.click("#next")
    settle(page)
    wait_for_row(page, following)
    assert page.locator(".sm-answer").count() == 0
    assert page.locator("#option input:checked").count() == 0
    page.keyboard.press("ArrowLeft")
    settle(page)
    wait_for_row(page, row)


def test_a_link_opens_its_question_and_keys_do_the_rest(page, address, dataset):
    row = stored(dataset, "object_existence", "test")[2]
    page.goto(f"{address}/?id={row['id']}")
    page.wait_for_selector(".sm-view img")
    settle(page)
    wait_for_row(page, row)
    assert page.input_value("#config input") == "object_existence"
    for key in ("o", "m", "3", "a"):  # faster than the server
        page.keyboard.press(key)
    page.wait_for_selector(".sm-answer")
    assert page.inner_text(".sm-answer") == "✓ Right. Answer: C. Yes; (60, 70)"
    assert page.locator(".sm-map img").evaluate("image => image.complete && image.naturalWidth") > 300

    evidence = json.loads(row["evidence"])
    for k, told in enumerate(page.locator(".sm-told").all_inner_texts()):
        views = [thing["views"][k] for thing in evidence["targets"] + evidence["references"]]
        visible = sum(view["visibility"] == "visible" for view in views)
        assert told.count("25 % hidden, 10 % cut off") == visible
        assert ("out of view" in told) == (visible < 2)

    # on a phone nothing is wider than the screen
    page.set_viewport_size({"width": 390, "height": 800})
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("[...document.querySelectorAll('.sm-view')].every(view => view.clientWidth > 300)")

    # typing an id is not taken for keys
    other = stored(dataset, "spatial_relation", "train")[0]
    page.fill("#row_id textarea, #row_id input", other["id"])
    page.keyboard.press("Enter")
    settle(page)
    wait_for_row(page, other)
    assert parse_qs(urlparse(page.url).query)["id"] == [other["id"]]
