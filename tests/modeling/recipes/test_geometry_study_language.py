"""The language model of the geometry study before it has learned anything: what its heads find, in photos made up of
words at places; and the tokens that it learns from, against the truth that they are made of."""

import pytest
import torch
from torch.nn.functional import normalize
from transformers import SmolLM3Config, SmolLM3Model

from modeling_spatialmosaic.recipes.geometry_study.circuits import (
    MARK_LENGTH,
    WORD_LENGTH,
    mark_words,
    marks,
    wire,
)
from modeling_spatialmosaic.recipes.geometry_study.places import IMAGE_BINS, SPACE_BINS, directions, told_places


WIDTH, SIDE = 128, 4
FRAME_1, FRAME_2, SOFA, MUG, LAMP, WHERE, COMMA, BRACKET, SPACE, LINE = range(10)


def wired(**more) -> SmolLM3Model:
    """New layers with the heads written into them."""
    torch.manual_seed(0)
    sizes = {"hidden_size": WIDTH, "intermediate_size": 128, "num_hidden_layers": 3, "num_attention_heads": 2}
    config = SmolLM3Config(
        **sizes
        | {"num_key_value_heads": 2, "vocab_size": 64, "no_rope_layer_interval": 2, "pad_token_id": None}
        | more
    )
    config._attn_implementation = "eager"
    model = SmolLM3Model(config).eval()
    wire(model.layers)
    return model


@pytest.fixture(scope="module")
def read() -> tuple:
    """What a model makes of two photos, between which sofa and mug change places, and of a question."""
    model, mark = wired(), marks(WIDTH)
    words = model.embed_tokens.weight
    nouns = torch.zeros(len(words), dtype=torch.bool)
    nouns[[SOFA, MUG, LAMP]] = True
    mark_words(words, nouns, [FRAME_1, FRAME_2], [[BRACKET], [SPACE], [LINE]])
    bare = normalize(words.detach() @ mark.rest @ mark.rest.T, dim=-1)
    centres = (torch.arange(SIDE) + 0.5) / SIDE
    in_image = directions(*IMAGE_BINS.shape, WIDTH)
    torch.manual_seed(1)

    def photo(things: dict[tuple[int, int], int]) -> torch.Tensor:
        """Tokens of cells; those without a thing show what has no word."""
        cells = []
        for row in range(SIDE):
            for column in range(SIDE):
                place = sum(
                    of_axis[int((at - bins).abs().argmin())]
                    for of_axis, bins, at in zip(in_image, IMAGE_BINS, (centres[column], centres[row]), strict=True)
                )
                word = things.get((row, column))
                looks = normalize(mark.rest @ torch.randn(mark.rest.shape[1]), dim=-1) if word is None else bare[word]
                cells.append(WORD_LENGTH * normalize(0.7 * looks + 0.4 * place, dim=-1) + MARK_LENGTH * mark.image)
        return torch.stack(cells)

    text = words.detach()
    first, second = photo({(0, 3): SOFA, (3, 0): MUG}), photo({(0, 3): MUG, (3, 0): SOFA})
    question = [WHERE, COMMA, FRAME_1, COMMA, SOFA, MUG, COMMA, WHERE, FRAME_2, SOFA, BRACKET, MUG, SPACE, LAMP]
    tokens = torch.cat([text[[FRAME_1]], first, text[[FRAME_2]], second, text[question]])
    with torch.no_grad():
        out = model(inputs_embeds=tokens[None], output_attentions=True, output_hidden_states=True)
    start = 2 * (SIDE**2 + 1)
    return [one[0] for one in out.attentions], [one[0] for one in out.hidden_states], start


def test_marks_do_not_get_in_each_others_way():
    mark = marks(WIDTH)
    single = torch.stack([mark.text, mark.image, mark.noun, mark.frame, *mark.asks], dim=1)
    everything = torch.cat([single, mark.frames, mark.places, mark.rest], dim=1)
    torch.testing.assert_close(everything.T @ everything, torch.eye(WIDTH), atol=1e-5, rtol=0)
    for bins in (IMAGE_BINS, SPACE_BINS):
        told = directions(*bins.shape, WIDTH).flatten(0, 1)
        torch.testing.assert_close(told @ mark.places @ mark.places.T, told, atol=1e-5, rtol=0)


def test_every_token_knows_which_frame_was_named_last(read):
    _, states, _ = read
    likeness = states[1] @ marks(WIDTH).frames[:, :2]
    question = [1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    expected = [0] * (SIDE**2 + 1) + [1] * (SIDE**2 + 1) + question
    assert len(expected) == len(likeness)
    assert likeness.argmax(-1).tolist() == expected


@pytest.mark.parametrize(
    ("position", "cell"),
    [(4, (0, 3)), (5, (3, 0)), (9, (3, 0)), (11, (0, 3))],
    ids=["sofa of 1", "mug of 1", "sofa of 2", "mug of 2"],
)
def test_a_word_finds_what_it_names_in_the_frame_that_was_named(read, position, cell):
    """Most of its attention goes to one cell of 32, and then it tells its place."""
    attention, states, start = read
    frame = 0 if position < 8 else 1
    at = 1 + frame * (SIDE**2 + 1) + cell[0] * SIDE + cell[1]
    assert (attention[1][:, start + position, at] > 0.5).all()
    row, column = cell
    x, y = told_places(states[2][start + position], IMAGE_BINS)
    assert (x > 0.5) == (column > SIDE / 2) and (y > 0.5) == (row > SIDE / 2)


def test_each_number_is_handed_to_where_it_is_said(read):
    """The bracket looks at the last thing named for its column, the space for the row of the one after: a sofa to the
    left, a mug at the top. What the layer adds to them tells so."""
    attention, states, start = read
    columns, rows = directions(*IMAGE_BINS.shape, WIDTH)
    for position, head, of_bins in ((10, 0, columns), (12, 1, rows)):
        assert attention[2][head, start + position, start + position - 1] > 0.5
        added = states[3][start + position] - states[2][start + position]
        assert int((of_bins @ added).argmax()) < len(of_bins) / 2


def test_what_is_not_shown_is_not_found(read):
    """No cell gets most of the attention of a lamp, as of a thing that is there."""
    attention, _, start = read
    assert attention[1][:, start + 13].max() < 0.5


@pytest.mark.parametrize(
    "more",
    [
        {"num_hidden_layers": 2},
        {"hidden_size": 64},
        {"num_attention_heads": 4, "num_key_value_heads": 4},
        {"num_attention_heads": 4, "num_key_value_heads": 2, "hidden_size": 256},
    ],
)
def test_layers_without_room_are_named(more):
    with pytest.raises(ValueError, match="needs at least 3 layers"):
        wired(**more)
