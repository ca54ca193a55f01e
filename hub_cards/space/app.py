"""Explore a SpatialMosaic dataset: try its questions, see what every view hides, read why each answer holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import gradio as gr
import page
import typer
from explorer import ALL, CHOOSERS, Explorer, Session
from reading import FILTERS, Questions, ReadingError
from scene_at_hand import NoMapError, Scenes


HERE = Path(__file__).parent
# Fonts of the reader's machine: the page fetches nothing from elsewhere
THEME = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]).set(
    body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_300", layout_gap="*spacing_md"
)
LABELS = {"config": "Config", "split": "Split", **FILTERS}
LONG = {"config", "question_type"}


def build(explorer: Explorer) -> gr.Blocks:
    """The page. What stands in `parts` is changed by the methods of `explorer`, by these names."""
    overlays = [name for name in page.OVERLAYS if name != "Map" or isinstance(explorer.scenes, Scenes)]
    with gr.Blocks(title="SpatialMosaic explorer", analytics_enabled=False, fill_width=True) as app:
        gr.HTML(page.header(explorer.questions.location, explorer.questions.statistics))
        with gr.Row(elem_id="choosers"):
            parts = {
                name: gr.Dropdown(
                    [ALL], value=ALL, label=LABELS[name], elem_id=name, min_width=130, scale=3 if name in LONG else 2
                )
                for name in CHOOSERS
            }
        with gr.Row(elem_id="steps"):
            previous = gr.Button("← Previous", elem_id="previous", min_width=110)
            dice = gr.Button("Random", elem_id="random", min_width=90)
            following = gr.Button("Next →", elem_id="next", min_width=110, variant="primary")
            parts["status"] = gr.HTML(elem_id="status")
            parts["row_id"] = gr.Textbox(label="Question id", elem_id="row_id", min_width=190, max_lines=1)
        parts["question"] = gr.HTML(elem_id="question")
        switches = gr.CheckboxGroup(overlays, value=["Points"], label="Show", elem_id="overlays", container=False)
        parts["views"] = gr.HTML(elem_id="views")
        parts["map"] = gr.HTML(elem_id="map")
        parts["option"] = gr.Radio([], label="Your answer", elem_id="option")
        parts["typed"] = gr.Textbox(label="Your answer", elem_id="typed", max_lines=1)
        parts["reveal"] = gr.Button("Show answer", elem_id="reveal")
        parts["answer"] = gr.HTML(elem_id="answer")
        parts["revealed"] = gr.State(False)
        gr.HTML(page.keys(overlays), elem_id="keys")

        inputs = [parts["row_id"], parts["revealed"], parts["option"], parts["typed"], switches]
        inputs += [parts[name] for name in CHOOSERS]

        def on(
            trigger, show: Callable[[Session], dict], js: str = "(...inputs) => spatialMosaic.begin(inputs)"
        ) -> None:
            def run(*values) -> dict:
                try:
                    found = show(Session(*values[:5], dict(zip(CHOOSERS, values[5:], strict=True))))
                except ReadingError as error:
                    raise gr.Error(str(error)) from error
                return {parts[name]: value for name, value in found.items()}

            shown = trigger(run, inputs, list(parts.values()), js=js, show_progress="hidden", api_visibility="private")
            shown.then(None, parts["row_id"], js="(id) => spatialMosaic.end(id)")

        on(app.load, explorer.open, "(_, ...inputs) => spatialMosaic.begin([spatialMosaic.linked(), ...inputs])")
        on(parts["row_id"].submit, explorer.open)
        for name in CHOOSERS:
            on(parts[name].input, explorer.filter)
        on(previous.click, lambda session: explorer.step(session, -1))
        on(following.click, lambda session: explorer.step(session, 1))
        on(dice.click, explorer.jump)
        on(parts["reveal"].click, explorer.reveal)
        on(parts["typed"].submit, explorer.reveal)
        on(switches.input, explorer.redraw)
    return app


def main(
    dataset: Annotated[str, typer.Option(envvar="SPATIALMOSAIC_DATASET", help="Dataset folder or Hub id.")],
    root: Annotated[Path | None, typer.Option(help="Folder of the scans, for the map of scanned scenes.")] = None,
    images_root: Annotated[
        Path | None, typer.Option(help="Your copy of a source whose photos may not be part of the dataset.")
    ] = None,
) -> None:
    """Start the app on a dataset."""
    try:
        questions = Questions(dataset)
    except ReadingError as error:
        raise typer.BadParameter(str(error), param_hint="--dataset") from error
    try:
        scenes = Scenes(questions.statistics["run"], root)
    except NoMapError as error:
        scenes = str(error)
    build(Explorer(questions, scenes, images_root)).launch(
        theme=THEME,
        css=page.role_colors() + (HERE / "style.css").read_text(encoding="utf-8"),
        head=f"<script>{(HERE / 'keys.js').read_text(encoding='utf-8')}</script>",
        footer_links=["settings"],
        ssr_mode=False,
    )


if __name__ == "__main__":
    typer.run(main)
