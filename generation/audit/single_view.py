"""How often one of the views would do (ANNOTATION section 7): such questions do not test what several views add."""

import json

from generation.audit.evidence_facts import UNREADABLE


def one_view_is_enough(row: dict) -> bool:
    """Whether one view alone shows all that the answer of a row follows from, by the row's evidence.

    That is every thing that takes part, in the view that is asked about, or in any view where none is. Whether a thing
    is in a view, and where, needs that view alone. Evidence that cannot be read counts as not enough.
    """
    if row["task"] == "object_localization":
        return True
    try:
        evidence = json.loads(row["evidence"])
        things = [*evidence["targets"], *evidence["references"]]
        shown = [{view["frame"] for view in thing["views"] if view["visibility"] == "visible"} for thing in things]
        asked = evidence["asked_frame"]
    except UNREADABLE:
        return False
    together = set.intersection(*shown) if shown else set()
    return bool(together) if asked is None else asked in together
