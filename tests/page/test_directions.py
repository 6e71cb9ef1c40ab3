"""A page that is written from the right: no style says left or right where it means start or end."""

import re

import pytest

from tests.support.declared_settings import ROOT

DECLARATION = re.compile(r"^\s*([a-z-]+): (.+);", re.MULTILINE)
VALUE = re.compile(r"(?:[^\s()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+")
SIDED = re.compile(
    r"(?:(?:margin|padding|border|scroll-margin|scroll-padding)-)?(?:left|right)(?:-(?:width|color|style))?"
)
FOUR_SIDES = {"margin", "padding", "inset", "border-width", "border-color"}

pytestmark = pytest.mark.once


def says_a_side(name: str, value: str) -> bool:
    values = VALUE.findall(value)
    differs = name in FOUR_SIDES and len(values) == 4 and values[1] != values[3]
    return differs or bool(SIDED.fullmatch(name)) or (name in ("text-align", "float") and value in ("left", "right"))


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_styles_say_start_and_end(path):
    assert [found for found in DECLARATION.findall(path.read_text()) if says_a_side(*found)] == []


@pytest.mark.parametrize(
    "name, value",
    [("inset", "0 1px auto auto"), ("padding", "0 0 0 calc(1px + max(2px, 3px))"), ("margin-left", "1px")],
)
def test_a_side_is_noticed(name, value):
    assert says_a_side(name, value)
