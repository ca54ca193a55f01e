"""The proof of every question type; a further one is one small function and one line here.

Proofs are told from facts and use nothing of `generation.tasks`, so that an error there cannot prove itself right.
"""

from collections.abc import Callable

from generation.audit import choice_proofs, number_proofs
from generation.audit.facts import Facts
from generation.audit.proof import Proof
from generation.audit.wording import Unprovable, option_texts, read_question


_OF_AXIS = {
    "obj_existence_occ": choice_proofs.existence,
    "obj_attribute_occ": choice_proofs.attribute,
    "obj_spatial_occ": choice_proofs.spatial,
}
PROOFS: dict[str, Callable[[dict, list[str], Facts], Proof]] = {
    "obj_count_occ": choice_proofs.count,
    "bestview_count_occ": choice_proofs.best_view,
    "obj_localization_occ": choice_proofs.localization,
    "obj_count_occ_na": number_proofs.count,
    "obj_localization_occ_na": number_proofs.box_centre,
    "obj_distance_occ_na": number_proofs.camera_distance,
    "obj_obj_distance_occ_na": number_proofs.object_distance,
    "obj_size_occ_na": number_proofs.size,
    **{f"{kind}_{axis}": proof for kind, proof in _OF_AXIS.items() for axis in ("lr", "ab", "fb")},
}


def prove(row: dict, facts: Facts) -> Proof:
    """The proof of a row's question from `facts`.

    Raises:
        [`Unprovable`]: the question has no answer or not a single one.
    """
    if row["question_type"] not in PROOFS:
        raise Unprovable(f"there is no proof for the type {row['question_type']}")
    parts = read_question(row)
    if "frame" in parts and not 1 <= int(parts["frame"]) <= facts.size:
        raise Unprovable(f"there is no Frame {parts['frame']} among {facts.size} views")
    return PROOFS[row["question_type"]](parts, option_texts(row), facts)
