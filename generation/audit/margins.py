"""The margins of ANNOTATION sections 1 and 4 on plain numbers, by thresholds as evidence names them."""

Interval = tuple[float, float]


def visibility_class(visible: int, amodal: int, image_pixels: int, thresholds: dict) -> str:
    """`"visible"`, `"unclear"` or `"absent"`, from pixel counts in an image of `image_pixels`."""
    scale = image_pixels / thresholds["reference_pixels"]
    if visible <= thresholds["max_absent_pixels"] * scale:
        return "absent"
    enough = visible >= thresholds["min_visible_pixels"] * scale
    return "visible" if enough and visible / amodal >= thresholds["min_visible_share"] else "unclear"


def interval_sign(one: Interval, two: Interval, thresholds: dict, slack: float = 0.0) -> int:
    """Order of two intervals (low, high) of angles in degrees.

    Returns:
        -1 when `one` comes first, +1 when `two` does, 0 when they are not apart by the margin less `slack`.
    """
    shared = min(one[1], two[1]) - max(one[0], two[0])
    allowed = thresholds["max_interval_overlap"] * min(one[1] - one[0], two[1] - two[0])
    gap = (one[0] + one[1]) / 2 - (two[0] + two[1]) / 2
    if shared > allowed + slack or abs(gap) < thresholds["min_centre_gap_deg"] - slack:
        return 0
    return -1 if gap < 0 else 1


def distance_sign(one: Interval, two: Interval, thresholds: dict, slack: float = 0.0) -> int:
    """Order of two (nearest, mean) distances in metres.

    Returns:
        -1 when `one` is closer, +1 when `two` is, 0 when nearest and mean disagree or the means are not apart by the
        margin less `slack`.
    """
    near_gap, gap = one[0] - two[0], one[1] - two[1]
    least = max(thresholds["min_distance_gap_m"], thresholds["min_distance_gap_share"] * min(one[1], two[1]))
    if abs(gap) < least - slack or gap * near_gap <= 0:
        return 0
    return -1 if gap < 0 else 1
