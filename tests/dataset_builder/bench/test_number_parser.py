import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_builder.bench.number_parser import UNITS_M, parse_number, parse_point


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("2.5", 2.5),
        ("2.5.", 2.5),
        (" 2.5 meters", 2.5),
        ("2.5m", 2.5),
        ("about 2.5 m.", 2.5),
        ("**2.5**", 2.5),
        ("The distance is 2.5 m (250 cm).", 2.5),
        ("250 cm", 2.5),
        ("2500 mm", 2.5),
        ("10 feet", 3.048),
        ("1,200", 1200.0),
        ("two", 2.0),
        ("Frame 4: 2.5", 2.5),
        ("2.5 in Frame 2", 2.5),
        ("-3", -3.0),
        ("2 or 3", None),
        ("between 2 and 3", None),
        ("2-3", None),
        ("one or two", None),
        ("2,5", None),  # a decimal comma, or two numbers?
        ("I cannot tell, maybe 2", None),
        ("far", None),
        ("", None),
    ],
)
def test_numbers(reply, expected):
    assert parse_number(reply, "m") == (None if expected is None else pytest.approx(expected))


def test_counts_have_no_unit():
    assert parse_number("3 m") == 3.0
    assert parse_number("There are 3 chairs in Frame 1 and 2.") == 3.0


@given(st.floats(0.01, 900).map(lambda number: round(number, 2)), st.sampled_from(sorted(UNITS_M)))
def test_units_by_hand(number, unit):
    assert parse_number(f"It is {number} {unit}.", "cm") == pytest.approx(number * UNITS_M[unit] * 100)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("(1,2)", (1, 2)),
        ("( 1.5 , 2 )", (1.5, 2)),
        ("[1, 2]", (1, 2)),
        ("(x=1, y=2)", (1, 2)),
        ("x: 1, y: 2", (1, 2)),
        ("Yes; (249, 125).", (249, 125)),
        ("120, 80", (120, 80)),
        ("120 80", (120, 80)),
        ("In frame 4, 120, 80", (120, 80)),
        ("In Frame 4: (120, 80), or so", (120, 80)),
        ("120 pixels, 80 pixels", (120, 80)),
        ("(1,2) or (3,4)", None),
        ("1,234, 567", None),
        ("12", None),
        ("I am not sure, (1, 2)?", None),
        ("No", None),
    ],
)
def test_points(reply, expected):
    assert parse_point(reply) == expected


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_every_written_point_is_read(x, y):
    assert parse_point(f"({x}, {y})") == parse_point(f"The center is ({x},{y}).") == (x, y)
