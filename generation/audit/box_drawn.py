"""Which drawn box is whose, told plainly for the audit of drives: the rules of `annotation.box_matching` once more."""

from generation.annotation import box_matching as rules
from generation.scenes.waymo.drive import DrawnBoxes


Rectangle = tuple[float, float, float, float]


def own_boxes(
    drawn: DrawnBoxes, rectangles: dict[int, Rectangle], types: list[int], has_points: set[int]
) -> dict[int, int]:
    """Index into `drawn` of the box of each track that has one for certain.

    Args:
        drawn ([`DrawnBoxes`]): of one image.
        rectangles (`dict`): around what the image shows of each track's outline, by track.
        types (`list` of `int`): of all tracks.
        has_points (`set` of `int`): tracks on which the lidar sees something in the image.
    """
    boxes, kinds = drawn.boxes.tolist(), drawn.types.tolist()
    linked = [k if k in rectangles else -1 for k in drawn.track.tolist()]
    shared = {
        (k, n): shared_size(rectangle, box)
        for k, rectangle in rectangles.items()
        for n, box in enumerate(boxes)
        if kinds[n] == types[k]
    }
    overlap = {
        (k, n): both / max(size(rectangles[k]) + size(boxes[n]) - both, 1e-9) for (k, n), both in shared.items()
    }
    found: dict[int, int] = {}
    for n in range(len(boxes)):
        ranked = sorted(((overlap[at], at[0]) for at in overlap if at[1] == n), reverse=True)
        if not ranked or linked[n] >= 0:
            continue
        best, k = ranked[0]
        lead = best - (ranked[1][0] if len(ranked) > 1 else 0)
        favourite = max(overlap[at] for at in overlap if at[0] == k)
        if best >= rules.MIN_OVERLAP and lead >= rules.MIN_LEAD and best == favourite:
            found[k] = n
    found |= {k: n for n, k in enumerate(linked) if k >= 0}
    claims: dict[int, list[int]] = {}
    for n in sorted(set(range(len(boxes))) - set(found.values())):
        left = {k: both / max(size(boxes[n]), 1e-9) for (k, m), both in shared.items() if m == n and k not in found}
        rivals = [k for k, held in left.items() if held >= rules.MAX_HELD_BY_OTHER]
        if len(rivals) == 1 and left[rivals[0]] >= rules.MIN_HELD and rivals[0] in has_points:
            claims.setdefault(rivals[0], []).append(n)
    return found | {k: of_track[0] for k, of_track in claims.items() if len(of_track) == 1}


def size(box: Rectangle) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def shared_size(one: Rectangle, other: Rectangle) -> float:
    across, down = (min(one[k + 2], other[k + 2]) - max(one[k], other[k]) for k in (0, 1))
    return max(across, 0) * max(down, 0)
