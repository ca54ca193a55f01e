"""The question types. A further task is one file and one line here."""

from generation.annotation.relations import AXES
from generation.tasks.base import Task
from generation.tasks.best_view import best_view_selection
from generation.tasks.matching import Matcher, match_categories, match_counts, match_points
from generation.tasks.object_attribute import object_attribute
from generation.tasks.object_count import object_count
from generation.tasks.object_existence import object_existence
from generation.tasks.object_localization import object_localization
from generation.tasks.spatial_relation import spatial_relation


TASKS: dict[str, Task] = {
    "object_count": object_count,
    "best_view_selection": best_view_selection,
    "object_localization": object_localization,
    "object_existence": object_existence,
    "object_attribute": object_attribute,
    "spatial_relation": spatial_relation,
}
# The published outdoor set has four coarse categories, of which none tells a size or a place: it asks for neither
INDOOR_ONLY = frozenset({"object_attribute"})
# Types whose tasks propose open questions
MATCHERS: dict[str, Matcher] = {
    "obj_count_occ": match_counts,
    "obj_localization_occ": match_points,
    **{f"obj_attribute_occ_{axis}": match_categories for axis in AXES},
}


def tasks_of(domain: str) -> dict[str, Task]:
    """The tasks that scenes of a domain, `"indoor"` or `"outdoor"`, are asked."""
    return {name: task for name, task in TASKS.items() if domain != "outdoor" or name not in INDOOR_ONLY}
