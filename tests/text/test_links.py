"""Where links begin and end, on the server. tests/browser/test_links.py puts the same table to the script."""

import pytest

from comments.text.links import parts, shape_of
from tests.text.links_table import CASES, in_full

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("text", "links"), CASES, ids=range(len(CASES)))
def test_what_is_a_link_and_what_is_not_P28(text, links):
    assert [tuple(part) for part in parts(text) if part.address] == in_full(links)


@pytest.mark.parametrize("text", [text for text, _ in CASES], ids=range(len(CASES)))
def test_nothing_of_a_text_is_lost_beside_its_links_P27(text):
    assert "".join(part.address or part.shown for part in parts(text)) == text


@pytest.mark.parametrize("text", ["", "a", "é，🥀\u202e\ud800", "".join(map(chr, range(0x3000)))])
def test_a_shape_is_ascii_and_as_long_as_its_text(text):
    assert shape_of(text).isascii()
    assert len(shape_of(text)) == len(text)
