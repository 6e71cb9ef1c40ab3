"""The words of all comments, folded, and the index over them: what a search reads, see `reading.search`.

A comment's words have a place in the order of the stream, so that the newest are found first. They are written by the
transaction that writes the comment (`CommentQuerySet.store` and `_move`), stay while it is held or hidden, because
moderators search those too, and go when it is erased.

The index is over grams, each of them three letters in a row as one number, the same on both databases: PostgreSQL has
them in an inverted index (GIN) over a function of the words, SQLite in a full-text index (FTS5) that this file feeds.
Chinese, Japanese and Korean write a word in one letter or two, and an emoji is one: from SHORT_WORDS on those are
grams as well. Databases have trigram indexes of their own, but what is a letter for them depends on the locale, or
they find nothing shorter than three.

A search asks for words that have all grams of its term, and then looks whether the term stands there.
"""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from django.db import connection, models

from comments.folding import folded

SHORT_WORDS = 0x2E80  # from here on Unicode has the scripts of East Asia, and after those the emoji
NAME = "\ufdd0"  # stands between the text and the name; no text has this, for it is no character
# Each post writes one, and Django would take as long to make this statement as the database to execute it. Of a
# comment that is gone there may be something left: it is overwritten.
WRITE = """
    INSERT INTO comments_words (place, comment_id, words) VALUES (%s, %s, %s)
    ON CONFLICT (place) DO UPDATE SET comment_id = EXCLUDED.comment_id, words = EXCLUDED.words
"""


class Words(models.Model):
    """What is searched of one comment."""

    place = models.BigIntegerField(primary_key=True, help_text="its timestamp; below 0 if it has none yet")
    comment_id = models.CharField(max_length=64)
    words = models.TextField(help_text="folded: the text, NAME, and the name")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.comment_id


def place_of(comment: Any) -> int:
    """Where a comment's words stand. It changes once at most: when a comment that was held is released."""
    if comment.timestamp is not None:
        return comment.timestamp
    return -1 - int.from_bytes(blake2b(comment.pk.encode(), digest_size=7).digest())


def words_of(comment: Any) -> str:
    return folded(comment.text) + NAME + comment.username_key


def remember(comments: Iterable[Any]) -> None:
    """Make these comments' words findable. Called by the transaction that stores them."""
    new = [Words(place=place_of(comment), comment_id=comment.pk, words=words_of(comment)) for comment in comments]
    with connection.cursor() as cursor:
        cursor.executemany(WRITE, [(row.place, row.comment_id, row.words) for row in new])
    _index(new)


def forget(places: Iterable[int]) -> None:
    """Nothing of the words at these places is left that could be found."""
    old = Words.objects.filter(place__in=list(places))
    _unindex(old)
    old.delete()


def move(comments: Iterable[Any], timestamps: dict[str, int]) -> None:
    """To the places that these comments, which were held, now get in the stream: a timestamp for each id."""
    comments = list(comments)
    forget(map(place_of, comments))
    for comment in comments:
        comment.timestamp = timestamps[comment.pk]
    remember(comments)


# The index


def grams(words: str) -> set[int]:
    """All grams of some words. The twin of the function in migrations/0003_search.py."""
    codes = [ord(letter) for letter in words]
    found = {_gram(*three) for three in zip(codes, codes[1:], codes[2:], strict=False)}
    found |= {_gram(code) for code in codes if code >= SHORT_WORDS}
    return found | {_gram(*two) for two in pairwise(codes) if min(two) >= SHORT_WORDS}


def grams_of_term(term: str) -> set[int]:
    """Grams that all words with this term have. None if it is short: then only reading helps."""
    codes = [ord(letter) for letter in term]
    if len(codes) > 2:
        return {_gram(*three) for three in zip(codes, codes[1:], codes[2:], strict=False)}
    return grams(term)


def _gram(first: int, second: int = 0, third: int = 0) -> int:
    return first << 42 | second << 21 | third  # a code point has 21 bits


def tokens(grams: Iterable[int]) -> list[str]:
    """As SQLite's full-text index has them."""
    return [f"{gram:x}" for gram in grams]


def _index(rows: Iterable[Words]) -> None:
    _feed("INSERT INTO comments_grams (rowid, grams) VALUES (%s, %s)", rows)


def _unindex(rows: Iterable[Words]) -> None:
    _feed("INSERT INTO comments_grams (comments_grams, rowid, grams) VALUES ('delete', %s, %s)", rows)


def _feed(statement: str, rows: Iterable[Words]) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(statement, [(row.place, " ".join(tokens(grams(row.words)))) for row in rows])
