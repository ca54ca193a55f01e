"""Free-text labels of scans -> the names that questions use."""

import re
from collections import Counter
from collections.abc import Collection

from generation.scenes.base import Instance


# Other spellings and words of one thing, after lower case and singular
SYNONYMS = {
    "air con": "air conditioner",
    "bag pack": "backpack",
    "book shelf": "bookshelf",
    "cell phone": "phone",
    "computer monitor": "monitor",
    "computer mouse": "mouse",
    "couch": "sofa",
    "dustbin": "trash can",
    "fridge": "refrigerator",
    "garbage bin": "trash can",
    "lightswitch": "light switch",
    "mobile phone": "phone",
    "monitor screen": "monitor",
    "night stand": "nightstand",
    "night table": "nightstand",
    "notebook computer": "laptop",
    "office desk": "desk",
    "pc": "computer tower",
    "pc tower": "computer tower",
    "plant pot": "flower pot",
    "plug socket": "socket",
    "potted plant": "plant",
    "power outlet": "socket",
    "power socket": "socket",
    "ruck sack": "backpack",
    "rucksack": "backpack",
    "television": "tv",
    "trash bin": "trash can",
    "trashbin": "trash can",
    "trashcan": "trash can",
    "waste bin": "trash can",
    "wastebin": "trash can",
    "white board": "whiteboard",
}

# Parts of the building and what is fixed to it; also things without a countable shape
STRUCTURE = frozenset({
    "air vent", "beam", "blind", "cable", "carpet", "ceiling", "ceiling beam", "ceiling lamp", "ceiling light",
    "column", "curtain", "curtain rail", "door", "door frame", "doorframe", "doorway", "duct", "electrical duct",
    "floor", "heater", "light fixture", "light switch", "mat", "pillar", "pipe", "radiator", "rail", "roof", "rug",
    "shutter", "skirting", "skirting board", "smoke detector", "socket", "stair", "staircase", "structure", "vent",
    "wall", "wall beam", "window", "window frame", "window sill", "windowsill", "wire",
})  # fmt: skip

# Labels that say nothing, and marks that annotators left for themselves
JUNK = frozenset({
    "", "clutter", "item", "misc", "miscellaneous", "na", "none", "object", "other", "reflection", "remove",
    "scan artifact", "something", "split", "stuff", "thing", "unknown", "unlabeled", "unlabelled", "void",
})  # fmt: skip

IRREGULAR = {
    "bookshelves": "bookshelf", "buses": "bus", "children": "child", "cookies": "cookie", "feet": "foot",
    "knives": "knife", "leaves": "leaf", "lenses": "lens", "loaves": "loaf", "men": "man", "mice": "mouse",
    "movies": "movie", "people": "person", "potatoes": "potato", "scarves": "scarf", "shelves": "shelf",
    "ties": "tie", "tomatoes": "tomato", "women": "woman",
}  # fmt: skip
# Words that end in s and yet mean one thing
SINGULAR = frozenset({
    "bus", "cactus", "canvas", "christmas", "chess", "clothes", "compass", "cosmetics", "electronics", "gas",
    "glasses", "headphones", "jeans", "lens", "mattress", "pants", "scissors", "series", "shorts", "sunglasses",
    "tennis", "tongs", "trousers", "virus", "walrus",
})  # fmt: skip


def name_instances(
    labels: dict[int, str], shown: Collection[int], not_shown: str
) -> tuple[tuple[Instance, ...], dict[str, int]]:
    """The instances of a scene, ordered by id, and how many are left out, by reason.

    Args:
        labels (`dict[int, str]`): what annotators called each instance.
        shown (collection of `int`): instances of which the scene has a surface.
        not_shown (`str`): reason why the others are left out.
    """
    plural = {clean_label(raw) for raw in labels.values() if is_plural(raw)}
    instances = tuple(
        # one instance of several books makes every question about the scene's books wrong
        Instance(instance_id, label, is_structure(label) or label in plural)
        for instance_id, label in sorted((k, clean_label(raw)) for k, raw in labels.items())
        if instance_id in shown and not is_junk(label)
    )
    kept = {instance.instance_id for instance in instances}
    left_out = Counter(
        "label says nothing" if is_junk(clean_label(labels[k])) else not_shown for k in labels.keys() - kept
    )
    several = sum(instance.label in plural and not is_structure(instance.label) for instance in instances)
    left_out["category with an instance of several things"] = several
    return instances, {reason: count for reason, count in left_out.items() if count}


def clean_label(raw: str) -> str:
    """The singular, lower-case name of what annotators called `raw`: `"Book_Shelves "` gives `"bookshelf"`.

    Of alternatives (`"sofa / couch"`) the first counts.
    """
    first = next((part for part in re.split(r"[/,;|]", raw) if part.strip()), "")
    words = re.sub(r"[\s_]+", " ", first).strip(" .-").lower().split()
    if words:
        words[-1] = _singular(words[-1])  # the head of an English compound is its last word
    label = " ".join(words)
    return SYNONYMS.get(label, label)


def is_plural(raw: str) -> bool:
    """Whether annotators named several things by one label: `"books"`."""
    words = re.split(r"[/,;|]", raw)[0].lower().replace("_", " ").split()
    return bool(words) and _singular(words[-1]) != words[-1]


def is_structure(label: str) -> bool:
    """Whether a clean label names a part of the building, which is never asked about (ANNOTATION section 1)."""
    return label in STRUCTURE


def is_junk(label: str) -> bool:
    """Whether a clean label says nothing about what the thing is."""
    return label in JUNK or not re.search(r"[a-z]", label)


def _singular(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in SINGULAR or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]
