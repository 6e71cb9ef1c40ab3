"""Colours: one form, however they were written; and the same one for the same name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.text import color

pytestmark = pytest.mark.once

PART = st.integers(0, 255)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("255180000", "255180000"),
        ("000000000", "000000000"),
        ("#ffb400", "255180000"),
        ("#FFB400", "255180000"),
        ("#000000", "000000000"),
        ("rgb(255, 180, 0)", "255180000"),
        ("rgb(255,180,0)", "255180000"),
        ("rgb( 255 , 180 , 000 )", "255180000"),
    ],
)
def test_R31_every_way_to_write_a_color_becomes_nine_digits(written, canonical):
    assert color.canonical(written) == canonical


@pytest.mark.parametrize(
    "written",
    [
        "",
        "256000000",
        "999999999",
        "000000256",
        "25518000",
        "2551800000",
        "255180000\n",
        " 255180000",
        "-55180000",
        "٢٥٥١٨٠٠٠٠",
        "２５５１８００００",
        "25518000²",
        "#ffb40",
        "#ffb40g",
        "#fb4",
        "#ffb400\n",
        "#ffb400ff",
        "ffb400",
        "rgb(256, 0, 0)",
        "rgb(255, 180)",
        "rgb(255, 180, 0, 1)",
        "rgb(1000, 0, 0)",
        "rgb(-1, 0, 0)",
        "rgb(1.5, 0, 0)",
        "rgb(٢٥٥, ١٨٠, ٠)",
        "rgb(255,\n180, 0)",
        "rgb(255, 180, 0)\n",
        "RGB(255, 180, 0)",
        "rgba(255, 180, 0, 1)",
        "red",
        "red;background:url(//x)",
        "expression(alert(1))",
        "255180000;}",
        "\0" * 9,
    ],
)
def test_R57_anything_else_is_no_color(written):
    assert color.canonical(written) is None


@given(PART, PART, PART)
def test_the_three_ways_to_write_a_color_agree(red, green, blue):
    digits = f"{red:03}{green:03}{blue:03}"
    assert color.canonical(digits) == digits
    assert color.canonical(f"#{red:02x}{green:02x}{blue:02x}") == digits
    assert color.canonical(f"rgb({red}, {green}, {blue})") == digits


@given(st.text())
def test_what_is_accepted_is_always_nine_ascii_digits(written):
    canonical = color.canonical(written)
    assert canonical is None or (len(canonical) == 9 and set(canonical) <= set("0123456789"))


@pytest.mark.parametrize(
    ("name", "expected"), [("ada", "224082089"), ("josé", "224082210"), ("日本", "204082224"), ("", "224082176")]
)
def test_a_name_has_the_same_color_in_every_process_and_release(name, expected):
    assert color.for_name(name) == expected


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_color_of_a_name_is_a_color(name):
    assert color.canonical(color.for_name(name)) == color.for_name(name)


def test_names_spread_over_the_colors():
    assert len({color.for_name(f"visitor {number}") for number in range(100)}) > 80
