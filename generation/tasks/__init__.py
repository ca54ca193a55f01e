"""The question types. A further task is one file and one line here."""

from collections.abc import Callable

from generation.annotation.relations import AXES
from generation.tasks.best_view import BEST_VIEW_SELECTION
from generation.tasks.matching import Matcher, match_categories, match_counts, match_points
from generation.tasks.object_attribute import OBJECT_ATTRIBUTE
from generation.tasks.object_count import OBJECT_COUNT
from generation.tasks.object_existence import OBJECT_EXISTENCE
from generation.tasks.object_localization import OBJECT_LOCALIZATION
from generation.tasks.proposed import Balance, Task
from generation.tasks.spatial_relation import SPATIAL_RELATION


TASKS: dict[str, Task] = {
    "object_count": OBJECT_COUNT,
    "best_view_selection": BEST_VIEW_SELECTION,
    "object_localization": OBJECT_LOCALIZATION,
    "object_existence": OBJECT_EXISTENCE,
    "object_attribute": OBJECT_ATTRIBUTE,
    "spatial_relation": SPATIAL_RELATION,
}
# The published outdoor set has four coarse categories, of which none tells a size or a place: it asks for neither
INDOOR_ONLY = frozenset({"object_attribute"})
# Types whose tasks propose open questions
MATCHERS: dict[str, Matcher] = {
    "obj_count_occ": match_counts,
    "obj_localization_occ": match_points,
    **{f"obj_attribute_occ_{axis}": match_categories for axis in AXES},
}
BALANCE: dict[str, Balance] = {kind: balance for task in TASKS.values() for kind, balance in task.balance.items()}
ASK: dict[str, Callable] = {kind: task.ask for task in TASKS.values() for kind in task.balance}


def tasks_of(domain: str) -> dict[str, Task]:
    """The tasks that scenes of a domain, `"indoor"` or `"outdoor"`, are asked."""
    return {name: task for name, task in TASKS.items() if domain != "outdoor" or name not in INDOOR_ONLY}
