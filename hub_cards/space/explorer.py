"""What the app shows next: from what a person has chosen to the content of every part of the page."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr
import page
from evidence import read_points
from floor_plan import draw_plan
from own_copy import NoPhotosError, own_photos
from reading import FILTERS, Questions, ReadingError, step
from scene_at_hand import NoMapError, Scenes


ALL = "all"
CHOOSERS = ("config", "split", *FILTERS)


@dataclass(frozen=True)
class Session:
    """What one person looks at and has chosen.

    Args:
        row_id (`str`): the question shown; empty for none.
        revealed (`bool`): the answer was asked for.
        option, typed (`str`, *optional*): the person's own answer.
        overlays (`list` of `str`): of `page.OVERLAYS`, what is switched on.
        chosen (`dict` of `str` to `str`): value of each of `CHOOSERS`, or `ALL`.
    """

    row_id: str
    revealed: bool
    option: str | None
    typed: str | None
    overlays: list[str]
    chosen: dict[str, str]

    @property
    def selection(self) -> dict[str, str | None]:
        """Arguments of `Questions.select`."""
        return {name: None if value == ALL else value for name, value in self.chosen.items()}


class Explorer:
    """Every public method takes a [`Session`] and gives new content for parts of the page, by their names in `app`.

    Args:
        questions ([`Questions`]).
        scenes ([`Scenes`] or `str`): for the map, or a sentence why there is none.
        images_root (`Path`, *optional*): the user's own copy of photos that the dataset may not hold.
    """

    def __init__(self, questions: Questions, scenes: Scenes | str, images_root: Path | None = None):
        self.questions, self.scenes, self.images_root = questions, scenes, images_root

    def open(self, session: Session) -> dict:
        """The row that a link or a person names by its id, with the filters set to where it lies; else the first."""
        wanted = session.row_id.strip()
        place = self.questions.place(wanted) if wanted else None
        config, split = self.questions.where(place) if place else (self.questions.configs[0], ALL)
        chosen = dict.fromkeys(CHOOSERS, ALL) | {"config": config, "split": split}
        parts = self.filter(replace(session, row_id=wanted, chosen=chosen))
        if wanted and place is None:
            parts["status"] = page.notice(f"No question has the id {wanted!r}. This is the first one.")
        return parts

    def filter(self, session: Session) -> dict:
        """The choices that are left, and the row shown if it is among them, else the first that is."""
        session = self._without_strangers(session)
        counts, chosen = self.questions.choices(**session.selection), session.chosen
        labels = {
            "config": self.questions.configs,
            "split": self.questions.splits(session.selection["config"]),
            # what is chosen stays in the list even if the other filters leave none of it
            **{name: _with_counts(counts[name], chosen[name]) for name in FILTERS},
        }
        updates = {name: gr.update(choices=[ALL, *labels[name]], value=chosen[name]) for name in CHOOSERS}
        return updates | self.step(session, 0)

    def _without_strangers(self, session: Session) -> Session:
        """The session without the filters that this config and split do not know, which would leave nothing."""
        config, split = session.selection["config"], session.selection["split"]
        kept = dict(session.chosen)
        if split not in {None, *self.questions.splits(config)}:
            kept["split"], split = ALL, None
        index = self.questions.index(config, split)
        for name in FILTERS:
            if kept[name] not in {ALL, *index[name].unique().to_pylist()}:
                kept[name] = ALL
        return replace(session, chosen=kept)

    def step(self, session: Session, by: int) -> dict:
        """The row that is `by` rows after the one shown, in the ring of those that the filters leave."""
        ids = self.questions.select(**session.selection)["id"]
        row_id = step(ids, session.row_id, by)
        if row_id is None:
            nothing = page.notice("No question has all of this. Set one of the filters back to all.")
            blank = dict.fromkeys(("question", "answer", "map"), "")
            hidden = {name: gr.update(visible=False) for name in ("option", "typed", "reveal")}
            return {"status": "", "row_id": "", "revealed": False, "views": nothing, **blank, **hidden}
        row = self._row(row_id)
        return {
            "status": page.status(ids.index(row_id).as_py() + 1, len(ids)),
            "row_id": row_id,
            "question": page.question(row),
            "option": gr.update(choices=row["options"], value=None, visible=bool(row["options"])),
            "typed": gr.update(value="", visible=not row["options"]),
            **self.redraw(replace(session, row_id=row_id, revealed=False)),
        }

    def jump(self, session: Session) -> dict:
        """Any other row that the filters leave."""
        count = len(self.questions.select(**session.selection))
        return self.step(session, random.randrange(1, count) if count > 1 else 0)

    def reveal(self, session: Session) -> dict:
        """The answer and its evidence, or, if they are shown, the question alone again."""
        return self.redraw(replace(session, revealed=not session.revealed and bool(session.row_id)))

    def redraw(self, session: Session) -> dict:
        """The same row with what is switched on now."""
        if not session.row_id:
            return {}
        row, shown, notice = self._row(session.row_id), session.revealed, ""
        if row["images"] is None:
            try:
                row["images"] = own_photos(row, self.images_root)
            except NoPhotosError as error:
                notice = page.notice(str(error))
        return {
            "revealed": shown,
            "views": notice + page.views(row, read_points(row, shown), session.overlays),
            "reveal": gr.update(value="Hide answer" if shown else "Show answer", visible=True),
            "answer": page.answer(row, session.option or session.typed) + page.evidence(row) if shown else "",
            "map": self._map(row, session.overlays),
        }

    def _map(self, row: dict, overlays: list[str]) -> str:
        if isinstance(self.scenes, str):
            return page.aside(self.scenes)
        if "Map" not in overlays:
            return ""
        try:
            return page.floor_map(draw_plan(*self.scenes.plan(row)))
        except NoMapError as error:
            return page.aside(str(error))

    def _row(self, row_id: str) -> dict:
        row = self.questions.row(row_id)
        if row is None:
            raise ReadingError(f"No question of {self.questions.location} has the id {row_id!r}. Load the page again.")
        return row


def _with_counts(counts: dict[str, int], chosen: str) -> list[tuple[str, str]]:
    """Labels and values of a filter's choices."""
    known = counts if chosen in {ALL, *counts} else {**counts, chosen: 0}
    return [(f"{value} ({count:,})", value) for value, count in known.items()]
