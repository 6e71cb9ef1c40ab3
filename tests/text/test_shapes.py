"""How texts are set, on the server."""

import random
import re

import pytest

from comments.text import shapes
from tests.text.shapes_table import CASES, LONE, NOT_LONE

SEED = 20170


def marked(text: str) -> str:
    """Quoted in «», code in ‹›."""
    return "".join(f"«{inline(piece)}»" if quoted else inline(piece) for piece, quoted in shapes.blocks(text))


def inline(text: str) -> str:
    return "".join(f"‹{piece}›" if is_code else piece for piece, is_code in shapes.runs(text))


@pytest.mark.parametrize(("text", "expected"), CASES, ids=range(len(CASES)))
def test_quoted_lines_and_code_are_found(text, expected):
    assert marked(text) == expected


def test_nothing_is_taken_away_and_nothing_added():
    rng = random.Random(SEED)
    for _ in range(2000):
        text = "".join(rng.choices([">", " ", "`", "\n", "a", "> ", "🥀"], k=rng.randrange(20)))
        assert re.sub("[«»‹›]", "", marked(text)) == text


@pytest.mark.parametrize("text", LONE)
def test_a_few_emoji_alone_are_large(text):
    assert shapes.is_lone_emoji(text)


@pytest.mark.parametrize("text", NOT_LONE)
def test_many_or_with_words_they_are_not(text):
    assert not shapes.is_lone_emoji(text)
