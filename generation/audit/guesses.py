"""Ways to guess an answer from the text of a question alone.

Every guesser learns from some rows and then gives each option of further rows a score; the highest score is its guess.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from dataset_builder.bench.controls import majority_answers, majority_reply
from dataset_builder.schema import LETTERS
from generation.audit.wording import DIRECTIONS, option_texts


POINT = re.compile(r"\((\d+), ?(\d+)\)")
_NUMBER = re.compile(r"\d+")
_DIRECTION = re.compile("|".join(DIRECTIONS))
_NAME = re.compile(rf"(?:the|an?|many) ([a-z][a-z ]*?)(?=\(|,|\?| (?:in|appear|are|{'|'.join(DIRECTIONS)})\b)")
_SIZE = re.compile(r"(\d+)x(\d+) image")
# Text that a classifier may use as a category; the rarer ones share one
MAX_CATEGORIES = 250
# Pseudo-rows of the overall rate that a rate over few rows is mixed with
PRIOR_ROWS = 4


def majority_scores(train: Sequence[dict], test: Sequence[dict]) -> list[np.ndarray]:
    """The most frequent letter, or of Yes and No the more frequent one."""
    answers = majority_answers(train)
    return [np.array([letter == majority_reply(row, answers) for letter in _letters(row)], float) for row in test]


def consensus_scores(train: Sequence[dict], test: Sequence[dict]) -> list[np.ndarray]:
    """The option that is most like the others or least like them, whichever is right more often."""
    sign = np.sign(
        sum(expected_accuracy(likeness(row), row) - expected_accuracy(-likeness(row), row) for row in train)
    )
    return [sign * likeness(row) for row in test]


def likeness(row: dict) -> np.ndarray:
    """How much each option is like the others: words that it shares, for numbers and points how central it is."""
    texts = option_texts(row)
    points = [_place(text) for text in texts]
    if sum(point is not None for point in points) > 1:
        centre = np.mean([point for point in points if point is not None], axis=0)
        # "No" is like none of them
        return np.array([-1e4 if point is None else -np.linalg.norm(point - centre) for point in points])
    words = [set(re.findall(r"\w+", text.lower())) for text in texts]
    return np.array([sum(len(one & other) / len(one | other) for other in words) for one in words])


def _place(text: str) -> np.ndarray | None:
    """The point or the whole number that an option is."""
    if text.isdecimal():
        return np.array([float(text)])
    point = POINT.search(text)
    return point and np.array([float(point[1]), float(point[2])])


def expected_accuracy(scores: np.ndarray, row: dict) -> float:
    """Chance that the highest score is the right option's, if ties are broken at random."""
    best = scores == scores.max()
    return best[LETTERS.index(row["mc_answer"])] / best.sum()


def classifier_scores(train: Sequence[dict], test: Sequence[dict]) -> list[np.ndarray]:
    """Gradient-boosted trees on what the text says of each option."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    words = _Vocabulary(train)
    rates = _Rates(train)
    features = [np.concatenate([words.features(row), rates.features(row, held_out=True)], axis=1) for row in train]
    right = np.concatenate([np.arange(len(row["options"])) == LETTERS.index(row["mc_answer"]) for row in train])
    model = HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=30,
        l2_regularization=1.0,
        categorical_features=list(range(_Vocabulary.NUM_CATEGORICAL)),
        random_state=0,
    ).fit(np.concatenate(features), right)
    asked = [np.concatenate([words.features(row), rates.features(row, held_out=False)], axis=1) for row in test]
    found = model.predict_proba(np.concatenate(asked))[:, 1]
    return np.split(found, np.cumsum([len(row["options"]) for row in test])[:-1])


def option_keys(row: dict, text: str) -> tuple[tuple, ...]:
    """What an option and its question have in common with others, from the most to the least particular."""
    question, option = _plain(row["question"]), _plain(text) if POINT.search(text) else text
    word = _DIRECTION.search(row["question"])
    return (
        (question, option),
        (word and word[0], option),
        (question, len(row["frames"]), option),
        (_DIRECTION.sub("", question), tuple(sorted(option_texts(row))), option),
    )


def _plain(text: str) -> str:
    """The text without numbers and places."""
    return _NUMBER.sub("", re.sub(r"\(\d+,\d+\)", "", text))


class _Rates:
    """How often each of an option's keys was the truth in other groups."""

    def __init__(self, rows: Sequence[dict]):
        self.seen, self.true = Counter(), Counter()
        for row in rows:
            for letter, text in zip(_letters(row), option_texts(row), strict=True):
                for k, key in enumerate(option_keys(row, text)):
                    for place in ((k, key), (k, key, row["group"])):
                        self.seen[place] += 1
                        self.true[place] += letter == row["mc_answer"]

    def features(self, row: dict, held_out: bool) -> np.ndarray:
        """Rates `(options, keys)`; `held_out` leaves out the row's own group, as when that is new."""
        chance = 1 / len(row["options"])
        found = []
        for text in option_texts(row):
            for k, key in enumerate(option_keys(row, text)):
                own = (k, key, row["group"])
                seen = self.seen[k, key] - held_out * self.seen[own]
                true = self.true[k, key] - held_out * self.true[own]
                found.append((true + PRIOR_ROWS * chance) / (seen + PRIOR_ROWS))
        return np.array(found).reshape(len(row["options"]), -1)


class _Vocabulary:
    """Categories and numbers in the text of an option and its question, as columns."""

    NUM_CATEGORICAL = 4

    def __init__(self, rows: Sequence[dict]):
        columns = zip(*(words for row in rows for words in self._words(row)), strict=True)
        self.codes = [
            {word: k for k, (word, _) in enumerate(Counter(column).most_common(MAX_CATEGORIES))} for column in columns
        ]

    @staticmethod
    def _words(row: dict) -> list[tuple[str, ...]]:
        names = _NAME.findall(row["question"])
        first, last = (names[0], names[-1]) if names else ("", "")
        word = _DIRECTION.search(row["question"])
        return [(first, last, word[0] if word else "", _plain(text)) for text in option_texts(row)]

    def features(self, row: dict) -> np.ndarray:
        """`(options, columns)`, categories first; -1 for what there is not."""
        codes = [
            [code.get(word, MAX_CATEGORIES) for code, word in zip(self.codes, words, strict=True)]
            for words in self._words(row)
        ]
        texts = option_texts(row)
        asked = [float(number) for number in _NUMBER.findall(_SIZE.sub("", row["question"]))][:5]
        asked += [-1.0] * (5 - len(asked))
        numbers = np.full((len(texts), 2), -1.0)
        for k, text in enumerate(texts):
            for column, number in enumerate(_NUMBER.findall(text)[:2]):
                numbers[k, column] = float(number)
        alike = likeness(row)
        ranks = numbers.argsort(axis=0).argsort(axis=0)
        shared = np.array([len(row["frames"]), len(texts), *asked])
        return np.column_stack(
            [
                codes,
                numbers,
                numbers - numbers.mean(axis=0),
                ranks,
                alike,
                np.arange(len(texts)),
                np.tile(shared, (len(texts), 1)),
            ]
        )


def _letters(row: dict) -> str:
    return LETTERS[: len(row["options"])]
