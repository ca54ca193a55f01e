"""What the attention of the study's language model does before it has learned anything.

A pretrained language model brings along heads that look at the token before, at the last thing named, or at what is
like a token; a small one finds them only after far more text than a study can afford. So they are written into new
layers, from which training goes on (after mimetic initialisation, arXiv:2305.09828): every token learns which frame
was named last; a word finds the image tokens of that frame that are like it, and takes over what they tell; and what
follows the word can read that.

Heads tell tokens apart by marks: fixed directions that all words, all image tokens, and so on have in common. A row of
a matrix for queries or keys is such a direction, or one in which tokens that are alike agree.
"""

import math
from functools import cache

import torch
from torch import nn
from torch.nn.functional import normalize

from modeling_spatialmosaic.recipes.geometry_study.places import IMAGE_BINS, SPACE_BINS, directions


MAX_FRAMES = 5
# Lengths of the parts of a token: the word or what a cell shows, each mark, and the frame it belongs to
WORD_LENGTH, MARK_LENGTH, FRAME_LENGTH = 4.0, 2.0, 3.0
FOUND_LENGTH = 5.0  # of what a head hands on
OF_NEW_LAYERS = 0.1  # beside the wired heads, layers begin to speak softly
SAID_AGAIN = 6.0  # times as long: of all that a word finds, a number is a small part
FEWEST_LAYERS, FEWEST_CHANNELS, NARROWEST = 3, 64, 96


class Marks:
    """
    Orthonormal directions of a width.

    Attributes:
        text, image, noun, frame (`torch.Tensor` of shape `(D,)`): of all words, all image tokens, names of things, and
            names of frames.
        asks (`torch.Tensor` of shape `(3, D)`): of what is followed by a column, by a row, and by a length in space.
        frames (`torch.Tensor` of shape `(D, MAX_FRAMES)`): of each frame.
        places (`torch.Tensor` of shape `(D, n)`): what the directions of `places.py` span.
        rest (`torch.Tensor` of shape `(D, m)`): what is left for words.
    """

    def __init__(self, width: int):
        told = torch.cat([directions(*bins.shape, width).flatten(0, 1) for bins in (IMAGE_BINS, SPACE_BINS)])
        generator = torch.Generator().manual_seed(0)
        drawn = torch.cat([told, torch.randn(width - len(told), width, generator=generator)])
        basis = torch.linalg.qr(drawn.T)[0]
        self.places, basis = basis.tensor_split([len(told)], dim=1)
        (self.text, self.image, self.noun, self.frame), self.asks, basis = (
            basis[:, :4].T,
            basis[:, 4:7].T,
            basis[:, 7:],
        )
        self.frames, self.rest = basis.tensor_split([MAX_FRAMES], dim=1)


marks = cache(Marks)


class Head:
    """
    A head of new attention whose rows are written; they begin as zeros.

    Args:
        attention (`nn.Module`): as of SmolLM3, with as many heads for keys as for queries.
        number (`int`): of the head.
        length (`float`): of the tokens that come in, before they are normalised.
    """

    def __init__(self, attention: nn.Module, number: int, length: float):
        self.channels = attention.head_dim
        rows = slice(number * self.channels, (number + 1) * self.channels)
        maps = attention.q_proj, attention.k_proj, attention.v_proj
        self.queries, self.keys, self.values = (one.weight[rows] for one in maps)
        self.output = attention.o_proj.weight[:, rows]
        for one in (self.queries, self.keys, self.values, self.output):
            one.zero_()
        width = attention.q_proj.in_features
        self.gain = width**0.5 / length  # of the norm before the layer
        self.frequencies = 1 / attention.config.rope_parameters["rope_theta"] ** (
            torch.arange(0, self.channels, 2) / self.channels
        )
        self.used = 0

    def matches(self, queries: torch.Tensor, keys: torch.Tensor, lengths: float, score: float) -> None:
        """
        Adds `score` to what a token scores for which queries and keys `(n, D)` find parts that agree, so long
        (`lengths`, squared); in a layer without positions.
        """
        rows = slice(self.used, self.used + len(queries))
        scale = (score * self.channels**0.5 / (self.gain**2 * lengths)) ** 0.5
        self.queries[rows], self.keys[rows] = scale * queries, scale * keys
        self.used = rows.stop

    def recent(
        self, query: torch.Tensor, key: torch.Tensor, power: float, waves: tuple[float, float], back: int = 0
    ) -> None:
        """
        Tokens with the mark `query` attend to those with the mark `key`, the less the farther before them: like a
        power of the distance, because the waves of the rotary positions add up to a logarithm. Most to those `back`
        before.

        Args:
            waves (`tuple[float, float]`): which of them, by their lengths in tokens over 2 pi: much longer ones tell
                no distances, and those shorter than the distances to be told go up and down.
        """
        scale = (power * self.channels**0.5 / (self.gain * MARK_LENGTH) ** 2) ** 0.5
        shortest, longest = waves
        used = (self.frequencies * shortest < 1) & (self.frequencies * longest > 1)
        angles, half = self.frequencies[used] * back, self.channels // 2
        rows = used.nonzero().flatten()
        self.queries[rows] = scale * torch.outer(angles.cos(), query)
        self.queries[half + rows] = -scale * torch.outer(angles.sin(), query)
        self.keys[rows] = scale * key

    def copies(self, parts: torch.Tensor, factor: float) -> None:
        """Hands on some directions `(D, n)` of what it attends to, `factor` times as long as they came in."""
        count = parts.shape[1]
        self.values[:count] = parts.T
        self.output[:, :count] = parts * (factor / self.gain)


@torch.no_grad()
def wire(layers: nn.ModuleList) -> None:
    """
    Write the heads into new layers, of which every other one has no positions, the second first.

    Raises:
        `ValueError`: there is no room for them.
    """
    config = layers[0].self_attn.config
    found = {
        "num_hidden_layers": len(layers),
        "head_dim": layers[0].self_attn.head_dim,
        "hidden_size": config.hidden_size,
        "num_attention_heads": config.num_attention_heads,
        "num_key_value_heads": config.num_key_value_heads,
    }
    if (
        len(layers) < FEWEST_LAYERS
        or found["head_dim"] < FEWEST_CHANNELS
        or config.hidden_size < NARROWEST
        or not 2 <= config.num_attention_heads == config.num_key_value_heads
    ):
        raise ValueError(
            f"The language model of the study needs at least {FEWEST_LAYERS} layers, a width of {NARROWEST}, and two "
            f"heads of {FEWEST_CHANNELS} channels, as many for keys as for queries; `text` asks for {found}."
        )
    first, second, third = (layer.self_attn for layer in layers[:FEWEST_LAYERS])
    for layer in layers:
        layer.self_attn.o_proj.weight.mul_(OF_NEW_LAYERS)
        layer.mlp.down_proj.weight.mul_(OF_NEW_LAYERS)
    heads, channels, mark = config.num_attention_heads, first.head_dim, marks(config.hidden_size)

    length = math.hypot(WORD_LENGTH, MARK_LENGTH, MARK_LENGTH)
    head = Head(first, 0, length)  # which frame was named last?
    head.recent(mark.text + mark.image, mark.frame, power=4, waves=(20, 300))
    head.copies(mark.frames, FRAME_LENGTH / WORD_LENGTH)
    head = Head(first, 1, length)  # the token before: names of several tokens
    head.recent(mark.text, mark.text, power=8, waves=(0.9, 20), back=1)
    head.copies(mark.rest[:, :channels], 0.3)

    length = math.hypot(length, FRAME_LENGTH)
    handed_on = torch.cat([mark.places, mark.image[:, None], mark.rest], dim=1).split(channels, dim=1)
    generator = torch.Generator().manual_seed(0)
    for number in range(heads):  # what in this frame is like this word?
        head = Head(second, number, length)
        head.matches(mark.text[None], (mark.image - mark.text)[None], MARK_LENGTH**2, score=10)
        head.matches(mark.frames.T, mark.frames.T, FRAME_LENGTH**2, score=5)
        free = mark.rest.shape[1]
        seen = torch.linalg.qr(torch.randn(free, channels - head.used, generator=generator))[0]
        seen = (mark.rest @ seen).T
        head.matches(seen, seen, WORD_LENGTH**2 * len(seen) / free, score=14)
        if number < len(handed_on):
            head.copies(handed_on[number], FOUND_LENGTH / length)

    length = math.hypot(length, FOUND_LENGTH)
    # Where is the last thing named? Each number where it is said, so that a digit can be read off it; lengths only if
    # there is a third head
    told = [directions(*bins.shape, config.hidden_size) for bins in (IMAGE_BINS, SPACE_BINS)]
    columns, rows, space = told[0][0], told[0][1], told[1].flatten(0, 1)
    asked = [(columns, mark.asks[0]), (rows, mark.asks[1]), (space, mark.asks[2])]
    for number, (vectors, asks) in enumerate(asked[:heads]):
        head = Head(third, number, length)
        head.recent(asks, mark.noun, power=5, waves=(3, 150))
        head.copies(torch.linalg.qr(vectors.T)[0], SAID_AGAIN)


def bare_words(embedding: torch.Tensor) -> torch.Tensor:
    """Embeddings `(tokens, D)` without their marks, as unit vectors."""
    mark = marks(embedding.shape[1])
    kept = torch.cat([mark.rest, mark.frames], dim=1).to(embedding.device)
    return normalize(embedding @ kept @ kept.T, dim=-1)


@torch.no_grad()
def mark_words(embedding: torch.Tensor, nouns: torch.Tensor, frame_names: list[int], asking: list[list[int]]) -> None:
    """
    Make embeddings such as the heads look for.

    Args:
        embedding (`torch.Tensor` of shape `(tokens, D)`): directions of the words.
        nouns (`torch.Tensor` of shape `(tokens,)`): whether a token is part of a name of a thing.
        frame_names (`list[int]`): the tokens of "Frame 1", "Frame 2", and so on.
        asking (`list[list[int]]`): tokens that are followed by a column, by a row, and by a length.
    """
    mark = marks(embedding.shape[1])
    embedding.copy_(WORD_LENGTH * normalize(embedding @ mark.rest @ mark.rest.T, dim=-1))
    embedding[frame_names] = WORD_LENGTH * mark.frames.T[: len(frame_names)]
    embedding += MARK_LENGTH * mark.text
    embedding[nouns] += MARK_LENGTH * mark.noun
    embedding[frame_names] += MARK_LENGTH * mark.frame
    for tokens, asks in zip(asking, mark.asks, strict=True):
        embedding[tokens] += MARK_LENGTH * asks
