"""The objects that a room may hold: `CATEGORIES` maps each label to its [`Category`].

A further category is one function, and one line in the `CATEGORIES` of its file.
"""

from generation.scenes.procedural.asset import Category
from generation.scenes.procedural.catalogue import (
    appliances,
    bedroom,
    books,
    containers,
    countertop,
    decor,
    electronics,
    household,
    kitchenware,
    leisure,
    lighting,
    ornaments,
    plants,
    seating,
    sofas,
    storage,
    tables,
)


MODULES = (
    seating,
    sofas,
    bedroom,
    tables,
    storage,
    appliances,
    countertop,
    lighting,
    electronics,
    plants,
    ornaments,
    decor,
    books,
    kitchenware,
    leisure,
    containers,
    household,
)
CATEGORIES: dict[str, Category] = {category.label: category for module in MODULES for category in module.CATEGORIES}
