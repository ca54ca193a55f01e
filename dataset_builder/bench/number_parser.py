"""Reads the number or the point out of a model's reply.

As with options, a reply is read only where it names exactly one: "2 or 3", "at least 2" and "not 2" are parse
failures.
"""

import re

from dataset_builder.bench.parser import NEGATION, NUMBER_WORDS, OPEN_ENDED, REFUSAL, clean


# Metres in a unit
UNITS_M = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 0.01),
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), 0.001),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), 1000.0),
    **dict.fromkeys(("yd", "yard", "yards"), 0.9144),
    **dict.fromkeys(("ft", "foot", "feet"), 0.3048),
    **dict.fromkeys(("inch", "inches"), 0.0254),
}
# A number with one of these is a bound or a part of the answer
_INEXACT = re.compile(
    r"\b(?:(?:more|less|fewer) than|at (?:least|most)|up to|or (?:more|less|fewer)|half|quarter"
    r"|(?:over|under|above|below) (?:about )?[\d.])|\d\s*\+|[<>≤≥]",
    re.IGNORECASE,
)

# "Frame 1 and 2.", but not the second number of "Frame 1 and 2 chairs"
_FRAME = re.compile(
    r"\b(?:frame|image|view|picture)s?\s*#?\d+(?:\s*(?:and|&)\s*\d+(?=\s*(?:[,.;:)]|\Z)))*\s*[:,]?", re.IGNORECASE
)
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:,\d{3})+)(?![\d,])")
_PLAIN = r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_UNIT = "|".join(sorted(UNITS_M, key=len, reverse=True))
_NUMBER = re.compile(rf"({_PLAIN})(?:\s*({_UNIT})\b)?(?!\w|\.\d)")
_WORD = re.compile(rf"\b({'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
_COORDINATE = r"(-?\d+(?:\.\d*)?|-?\.\d+)\s*(?:px|pixels)?"
_X, _Y = (rf"(?:{name}\s*[:=]\s*)?{_COORDINATE}" for name in "xy")
_BRACKETED = re.compile(rf"[(\[]\s*{_X}(?:\s*[,;]|\s)\s*{_Y}\s*[)\]]", re.IGNORECASE)
_BARE = re.compile(rf"(?<![\w.]){_X}\s*(?:[,;]|\band\b|\s)\s*{_Y}(?![\w.]*\d)", re.IGNORECASE)


def parse_number(reply: str, unit: str | None = None) -> float | None:
    """
    The number that a reply names.

    Args:
        reply (`str`): what the model wrote.
        unit (`str`, *optional*): unit that the question asks for, in `UNITS_M`; a length in another one is converted.

    Returns:
        `float` or `None`: the number, or `None` where the reply does not name exactly one. A number that is the whole
        last line counts alone, if no line wonders.
    """
    reply = clean(reply)
    if REFUSAL.search(reply) or NEGATION.search(reply) or _INEXACT.search(reply):
        return None
    text = _THOUSANDS.sub(lambda match: match[1] + match[2].replace(",", ""), _FRAME.sub(" ", reply))
    lines = [line.strip().removesuffix(".") for line in text.splitlines()]
    alone = [line for line in lines if _NUMBER.fullmatch(line)]
    if (
        alone and alone[-1] == lines[-1] and not OPEN_ENDED.search(text)
    ):  # what it is counted or computed from stands above
        text = "\n".join(alone)
    found = set()
    for match in _NUMBER.finditer(text):
        factor = UNITS_M[match[2]] / UNITS_M[unit] if match[2] and unit else 1.0
        found.add(float(match[1]) * factor)
    if not found and not re.search(r"\d", text):
        found = {float(NUMBER_WORDS.index(word.lower())) for word in _WORD.findall(text)}
    return found.pop() if len(found) == 1 else None


def parse_point(reply: str) -> tuple[float, float] | None:
    """The point that a reply names, in brackets if any are, or `None` where it does not name exactly one."""
    reply = clean(reply)
    if REFUSAL.search(reply) or NEGATION.search(reply):
        return None
    text = _FRAME.sub(" ", reply)
    for pattern in (_BRACKETED, _BARE):
        found = {(float(x), float(y)) for x, y in pattern.findall(text)}
        if found:
            alone = pattern is _BRACKETED or len(re.findall(r"\d+(?:\.\d+)?", text)) == 2
            return found.pop() if alone and len(found) == 1 else None
    return None
