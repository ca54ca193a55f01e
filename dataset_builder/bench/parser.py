"""Reads the chosen option out of a model's reply.

A reply is read as an option only where it names exactly one. Refusals, hedges ("A or B"), negations ("not A") and
replies whose letter and text disagree ("B. 4" where 4 is option A) are parse failures, never a guess.
"""

import re
import unicodedata
from collections.abc import Sequence


# Raise it with every change that can read a reply differently; it is stored with the scores.
PARSER_VERSION = 4

REFUSAL = re.compile(
    r"\b(?:can(?:no|')t|cannot|unable|sorry|unsure|not sure|uncertain|unclear|impossible|(?:don'?t|do not) know"
    r"|not (?:enough|possible)|no (?:idea|answer|images?)|wait|on second thought"
    r"|(?:hard|difficult) to (?:say|tell)|refuse|insufficient|undetermined|no correct|need more"
    r"|(?:none|all|both|neither) of (?:the above|the options|these|them))\b",
    re.IGNORECASE,
)
NEGATION = re.compile(
    r"\b(?:not|\w+n't|neither|nor|never|except|anything but|wrong|incorrect|false|unlikely"
    r"|rul(?:e|ed|ing) out|(?:is|are) out|exclud(?:e|ed|ing)|eliminat(?:e|ed|ing))\b",
    re.IGNORECASE,
)
OPEN_ENDED = re.compile(r"\b(?:or|maybe|perhaps)\b|\?", re.IGNORECASE)
# Words that come before an answer without changing it
LEAD_INS = {
    *(
        "so",
        "therefore",
        "thus",
        "i",
        "think",
        "my",
        "final",
        "correct",
        "right",
        "best",
        "answer",
        "option",
        "choice",
    ),
    *("it", "it's", "there", "is", "are", "would", "be"),
}
ARTICLES = {"a", "an", "the"}
NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
# From this length on an option's text inside a sentence is no accident; "4" in "Frame 4" could be one
MIN_WORDS_IN_A_SENTENCE = 3

_MARKUP = re.compile(r"\\(?:boxed|text(?:bf)?|mathrm)\b|</?[a-zA-Z][\w-]*>|[*_`#\"“”{}$\\]")
_WORDS = re.compile(r"-?\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?")
_OPTION = re.compile(r"\s*([A-Z])[.):]\s*(.*\S)\s*\Z", re.DOTALL)
# What may stand before a letter that could also be an article, and what closes a letter of any kind
_INTRODUCTION = re.compile(
    r"(?:\A|\b(?:answer|option|choice|letter)(?: is| would be)?\s*[:=-]?|[,/&]|\bor|\band)\s*[(\[]?\Z|[(\[]\Z",
    re.IGNORECASE,
)
_CLOSE = re.compile(r"\s*(?:\Z|[.,:;)\]!?/&|-]|(?:or|and)\s+[A-Za-z]\b)")
_AFTER_CAPITAL_A = re.compile(r"\s+(?:[\d(A-Z]|(?:or|and|is|because|since|as)\b)")
_YES_NO = re.compile(r"(?:\(?[A-Z][.):]+\s*)?(yes|no)\s*(?:[,.;:!\n-]|\Z)", re.IGNORECASE)


def parse_choice(reply: str, options: Sequence[str]) -> str | None:
    """
    Letter of the option that a reply names.

    Args:
        reply (`str`): what the model wrote.
        options (sequence of `str`): the options as shown, `"A. ..."`.

    Returns:
        `str` or `None`: the letter, or `None` where the reply does not name exactly one option.

    Raises:
        `ValueError`: for options that are not lettered.
    """
    texts = option_texts(options)
    reply = clean(reply)
    if REFUSAL.search(reply):
        return None
    named = mentioned_letters(reply, texts)
    if not named:
        return _option_of_text(reply, texts)
    letter = min(named)
    if len(named) > 1 or letter not in texts or _contradicts(words_of(reply), letter, texts):
        return None
    # "A. No, it doesn't": the sentence goes on to say what "no" says
    head = _YES_NO.match(reply)
    explained = head is not None and head[1].lower() == texts[letter].lower()
    return letter if explained or not NEGATION.search(_without(reply, texts[letter])) else None


def option_texts(options: Sequence[str]) -> dict[str, str]:
    """Text of each option by its letter."""
    texts = {}
    for option in options:
        match = _OPTION.match(option)
        if match is None or match[1] in texts:
            raise ValueError(f"Options must be lettered once each, like 'A. chair'; found {list(options)}.")
        texts[match[1]] = match[2]
    return texts


def clean(reply: str) -> str:
    """The reply without markup, with plain letters, single spaces and no empty lines."""
    plain = _MARKUP.sub(" ", unicodedata.normalize("NFKC", reply).replace("’", "'"))
    return "\n".join(" ".join(line.split()) for line in plain.splitlines() if line.strip())


def words_of(text: str) -> list[str]:
    """Lower-case words and numbers, "two" as "2" and "chair(s)" as "chairs", without articles and punctuation.

    "One" stays: "the right one" is no number.
    """
    digits = {word: str(k) for k, word in enumerate(NUMBER_WORDS) if word != "one"}
    words = _WORDS.findall(clean(text).lower().replace("(s)", "s"))
    return [digits.get(word, word) for word in words if word not in ARTICLES]


def mentioned_letters(reply: str, texts: dict[str, str]) -> set[str]:
    """Every letter, of an option or not, that a clean reply names as an answer."""
    letters = set()
    for match in re.finditer(r"(?<![\w'])([A-Za-z])(?![\w'])", reply):
        before, after = reply[: match.start()], reply[match.end() :]
        letter = match[1].upper()
        closed = _CLOSE.match(after) is not None
        introduced = _INTRODUCTION.search(before) is not None
        if match[1] == "a":  # "a", "(a)", "a. lamp", "b or a", but not the article in "a lamp"
            named = closed and introduced
        elif match[1].islower():
            named = closed and letter in texts
        elif letter == "A":  # "A. lamp", "A or B", "Option A is right", but not "A lamp is left of it"
            named = closed or (introduced and before) or _AFTER_CAPITAL_A.match(after) is not None
        else:  # a letter that is no option is a mention as well, of nothing
            named = letter in texts or (closed and letter != "I")
        if named:
            letters.add(letter)
    return letters


def _without(reply: str, text: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", " ", reply, flags=re.IGNORECASE)


def _contains(words: list[str], part: list[str]) -> bool:
    return bool(part) and any(words[k : k + len(part)] == part for k in range(len(words) - len(part) + 1))


def _contradicts(words: list[str], letter: str, texts: dict[str, str]) -> bool:
    """Whether the reply holds the text of another option, but not that of its letter."""
    own = words_of(texts[letter])
    others = [words_of(text) for other, text in texts.items() if other != letter]
    return not _contains(words, own) and any(_contains(words, other) for other in others)


def _option_of_text(reply: str, texts: dict[str, str]) -> str | None:
    """Letter of the only option whose text the reply is, begins, ends with on a line of its own, or holds where it is
    long."""
    words = words_of(reply)
    by_text = {letter: words_of(text) for letter, text in texts.items()}
    *reasons, last = reply.splitlines() or [""]
    if reasons and words_of(last) in by_text.values():
        named = {_option_of_text(line, texts) for line in (*reasons, last)} - {None}
        open_ended = any(OPEN_ENDED.search(line) or _YES_NO.match(line) or NEGATION.search(line) for line in reasons)
        return named.pop() if len(named) == 1 and not open_ended else None
    for start, word in enumerate(words):
        exact = [letter for letter, text in by_text.items() if text == words[start:]]
        if exact:
            return exact[0] if len(exact) == 1 else None
        if word not in LEAD_INS:
            break
    begun = [letter for letter, text in by_text.items() if text[: len(words)] == words]
    if len(words) >= MIN_WORDS_IN_A_SENTENCE and len(begun) == 1:
        return begun[0]
    head = _YES_NO.match(reply)
    if head is not None and not {"yes", "no"} <= set(words):
        # "No, the lamp is farther": its first word is the whole answer, whatever the sentence goes on to deny
        plain = [letter for letter, text in by_text.items() if text == [head[1].lower()]]
        return plain[0] if len(plain) == 1 else None
    if NEGATION.search(" ".join(words)):
        return None
    held = [
        letter for letter, text in by_text.items() if len(text) >= MIN_WORDS_IN_A_SENTENCE and _contains(words, text)
    ]
    hedged = len(held) != 1 or words.count("or") > by_text[held[0]].count("or")
    return None if hedged else held[0]
