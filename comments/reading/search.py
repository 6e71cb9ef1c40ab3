"""Finding words: any part of a text, in every language, compared as names are (`comments.folding`).

What was found is read in the order of the stream and as far as its page goes, so a search costs what its page costs,
and not what its term occurs. The first look is at the end of the stream, WINDOW rows: there a frequent term is found
often enough. Only the rest is looked up in the index (`stream.words`), which has a rare term at once. A term of one or
two letters that the index does not have is looked for in all words.

All functions belong into the moment of the read that they are part of.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import StrIndex

from comments.folding import folded
from comments.stream.comment import Comment
from comments.stream.words import NAME, Words, grams_of_term, tokens

WINDOW = 4000
FIRST_CHUNK, LARGEST_CHUNK = 250, 4000
FIRST_PLACE, LAST_PLACE = -(2**63), 2**63 - 1
WORDS = "comments_words"
GRAMS_AND_WORDS = "comments_grams CROSS JOIN comments_words ON comments_words.place = comments_grams.rowid"


def in_text(rows: QuerySet[Comment], terms: Iterable[str], most: int, oldest_first: bool = False) -> list[Comment]:
    """The newest `most` of these rows that have any of the terms in their text, newest first; or the oldest, oldest
    first. All of the rows have to be of the stream, with a timestamp. At most 3 queries and those of the index."""
    wanted, order = Terms.of(terms), Order(oldest_first)
    rows = rows.order_by(order.of("timestamp"))
    edge = rows.values_list("timestamp", flat=True)[WINDOW - 1 : WINDOW].first() if wanted.grams else None
    near = rows if edge is None else rows.filter(order.up_to(edge))
    found = list(near.filter(wanted.in_text_of_row())[:most])
    if edge is None or len(found) == most:
        return found
    return found + _taken(rows, _indexed(wanted, order, edge, only_text=True), most - len(found))


def anywhere(rows: QuerySet[Comment], term: str, most: int) -> list[str]:
    """The ids of at most `most` of these rows that have the term in their text or their name, in whatever state they
    are: those that were never shown, then the newest. For moderators."""
    wanted, newest_first = Terms.of([term]), Order(oldest_first=False)
    rows = rows.order_by("-timestamp")
    found = _taken(rows, _indexed(wanted, newest_first, start=0), most)
    found += _taken(rows, _indexed(wanted, newest_first, start=LAST_PLACE, end=-1), most - len(found))
    return [comment.pk for comment in found]


def has_any(terms: Iterable[str]) -> Q:
    """That the text of a row of the stream has one of these terms: for a read that is bounded otherwise."""
    return Terms.of(terms).in_text_of_row()


def _taken(rows: QuerySet[Comment], chunks: Iterator[list[str]], most: int) -> list[Comment]:
    """The first of these rows whose ids come along, in their order. They are asked for by their ids alone, and each is
    then looked at: a database that has never counted its rows might sooner walk through all that are visible."""
    one_of_them = Comment.objects.filter(Exists(rows.order_by().filter(pk=OuterRef("pk"))))
    found: list[Comment] = []
    while len(found) < most and (ids := next(chunks, None)):
        there = one_of_them.in_bulk(ids)
        found += [there[id] for id in ids if id in there]
    return found[:most]


@dataclass(frozen=True)
class Order:
    oldest_first: bool

    def of(self, column: str) -> str:
        return column if self.oldest_first else f"-{column}"

    def up_to(self, edge: int) -> Q:
        return Q(timestamp__lte=edge) if self.oldest_first else Q(timestamp__gte=edge)

    @property
    def in_sql(self) -> tuple[str, str, str]:
        """How a place comes after another, and before one; and the word for this order."""
        return (">", "<", "ASC") if self.oldest_first else ("<", ">", "DESC")


@dataclass(frozen=True)
class Terms:
    """Any of them will do."""

    folded: tuple[str, ...]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Self:
        return cls(tuple(map(folded, terms)))

    @property
    def grams(self) -> list[list[int]]:
        """Those of each term; none at all if there is a term that has none."""
        of_each = [sorted(grams_of_term(term)) for term in self.folded]
        return of_each if all(of_each) else []

    def in_text_of_row(self) -> Q:
        words = Words.objects.filter(place=OuterRef("timestamp")).annotate(end=StrIndex("words", Value(NAME)))
        q = Q()
        for term in self.folded:
            found = words.annotate(at=StrIndex("words", Value(term))).filter(at__gt=0, at__lt=F("end"))
            q |= Q(Exists(found))
        return q

    def in_sql(self, only_text: bool) -> tuple[str, list]:
        """That some words have one. Every character of it is itself: it is no pattern."""
        position = "instr" if connection.vendor == "sqlite" else "strpos"
        if only_text:
            has_term, values = f"{position}(words, %s) BETWEEN 1 AND {position}(words, %s)", [NAME]
        else:
            has_term, values = f"{position}(words, %s) > 0", []
        return _any_of(has_term, len(self.folded)), [value for term in self.folded for value in [term, *values]]


def _any_of(condition: str, count: int) -> str:
    return f"({' OR '.join([condition] * count)})"


def _indexed(
    terms: Terms, order: Order, start: int, end: int | None = None, only_text: bool = False
) -> Iterator[list[str]]:
    """The ids of all words with one of the terms, from one place to another, neither included; in chunks, in order."""
    if end is None:
        end = LAST_PLACE if order.oldest_first else FIRST_PLACE
    size = FIRST_CHUNK
    while found := _chunk(terms, order, start, end, only_text, size):
        yield [comment_id for _, comment_id in found]
        if len(found) < size:
            return
        start, size = found[-1][0], min(4 * size, LARGEST_CHUNK)


def _chunk(terms: Terms, order: Order, start: int, end: int, only_text: bool, size: int) -> list[tuple[int, str]]:
    source, place, has_grams, grams = _index_of(terms)
    has_term, of_terms = terms.in_sql(only_text)
    after, before, direction = order.in_sql
    look_up = (
        f"SELECT {place}, comment_id FROM {source} WHERE {has_grams} {place} {after} %s AND {place} {before} %s"
        f" AND {has_term} ORDER BY {place} {direction} LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(look_up, [*grams, start, end, *of_terms, size])
        return cursor.fetchall()


def _index_of(terms: Terms) -> tuple[str, str, str, list]:
    """Where terms are looked for: tables, the column of the place, and that all grams of one are there."""
    if not terms.grams:
        return WORDS, "place", "", []
    if connection.vendor == "sqlite":
        matching = " OR ".join(f"({' '.join(tokens(grams))})" for grams in terms.grams)
        return GRAMS_AND_WORDS, "comments_grams.rowid", "comments_grams MATCH %s AND", [matching]
    has_grams = _any_of("comments_grams(words) @> %s::bigint[]", len(terms.grams))
    return WORDS, "place", f"{has_grams} AND", terms.grams
