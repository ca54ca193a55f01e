"""Conversations about what photos show, made from their truth: as many as one likes, unlike the dataset's questions.

`LISTS` say a word or a number for each thing that is named. Those of `IN_THE_IMAGE` teach words, places and the names
of the frames: what is where in each photo, and how things lie to one another in the image. Both stand in for the
pretraining of a vision-language model on photos of the web. Those of `IN_SPACE` ask for lengths in metres.
"""

from collections.abc import Sequence

from generation.rng import stage_rng
from modeling_spatialmosaic.recipes.geometry_study.conversations import Conversation
from modeling_spatialmosaic.recipes.geometry_study.frames import FrameStore
from modeling_spatialmosaic.recipes.geometry_study.turns import MIN_SHARE, TURNS, Kind, Tour


LISTS: tuple[Kind, ...] = (Tour.located, Tour.quarters, Tour.counts, Tour.distances)
IN_THE_IMAGE: tuple[Kind, ...] = (
    Tour.shows,
    Tour.located,
    Tour.quarters,
    Tour.around,
    Tour.place,
    Tour.where,
    Tour.side,
    Tour.best,
    Tour.counts,
)
IN_SPACE: tuple[Kind, ...] = (Tour.far, Tour.distances, Tour.closer, Tour.behind, Tour.apart)


def tours(
    store: FrameStore, split: str, kinds: Sequence[Kind], max_views: int, count: int, seed: int
) -> list[Conversation]:
    """So many conversations of some kinds of turns about one to `max_views` views of the scenes of a split."""
    rng = stage_rng(seed, "tours", split, str(max_views))
    names = [name for name, one in store.splits.items() if one == split]
    others = [one.label for frame in store.of_split("train") for one in store.objects(frame) if one.share >= MIN_SHARE]
    found = []
    while len(found) < count:
        frames = store.scenes[names[rng.integers(len(names))]]
        views = [int(frame) for frame in rng.permutation(frames)[: rng.integers(1, max_views + 1)]]
        tour = Tour([store.objects(view) for view in views], others, kinds, rng)
        turns = {turn.question: turn for turn in (tour.turn() for _ in range(3 * TURNS)) if turn is not None}
        if turns:
            found.append(Conversation(views, list(turns.values())[:TURNS]))
    return found
