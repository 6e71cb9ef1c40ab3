"""Comments whose words are alike: of those who say the same again and again, and change a letter, a number, a sign.

Only letters count, folded as in a search. Two texts are alike if most of what stands in each, three letters at a time,
stands in the other, and neither is much longer. For moderators.
"""

import re

from django.db.models import QuerySet

from comments.folding import folded
from comments.stream.comment import Comment
from comments.stream.words import NAME, Words

LOOKED_AT = 20_000  # the newest, and as many of those that were never shown
MOST_OF_IT = 0.6
LONGER = 2
NOT_LETTERS = re.compile(r"[\W\d_]+")


def alike_to(id: str) -> list[str]:
    """The ids of the comments that say about the same as this one, itself among them, in whatever state they are.
    None if it is not there, or has no words. 3 queries."""
    comment = Comment.objects.filter(pk=id).exclude(text="").first()
    if comment is None:
        return []
    sample = Sample(folded(comment.text))
    words = Words.objects.order_by("-place").values_list("comment_id", "words")
    shown, never_shown = words.filter(place__gte=0), words.filter(place__lt=0)
    return [*_alike(sample, shown), *_alike(sample, never_shown)]


class Sample:
    """A text with which others are compared."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.letters = letters_of(text)
        self.parts = parts_of(self.letters)

    def is_alike(self, text: str) -> bool:
        if not self.parts:
            return text == self.text
        letters = letters_of(text)
        is_as_long = len(self.letters) <= LONGER * len(letters) <= LONGER**2 * len(self.letters)
        return is_as_long and stand_in(self.parts, letters) and stand_in(parts_of(letters), self.letters)


def letters_of(text: str) -> str:
    return NOT_LETTERS.sub("", text)


def parts_of(letters: str) -> set[str]:
    return {letters[at : at + 3] for at in range(len(letters) - 2)}


def stand_in(parts: set[str], letters: str) -> bool:
    """Most of them."""
    return sum(part in letters for part in parts) >= MOST_OF_IT * len(parts)


def _alike(sample: Sample, rows: QuerySet) -> list[str]:
    return [id for id, words in rows[:LOOKED_AT] if sample.is_alike(words.partition(NAME)[0])]
