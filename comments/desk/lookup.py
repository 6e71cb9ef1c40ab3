"""The record, to look something up in it: what was decided at once is one line."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q

from comments.stream.record import Record

from .rows import record_line

PAGE = 200  # records


@dataclass(frozen=True)
class Found:
    acts: list[dict]  # lines as of `rows.record_line`, with the `ids` of all comments
    older: int | None  # `before` of the next page


def look_up(q: str, before: int | None) -> Found:
    """Newest first. An id and a moderator's name are meant as they are, reasons and notes in part. 1 query."""
    records = Record.objects.order_by("-at")
    if q:
        in_words = Q(reason__icontains=q) | Q(note__icontains=q)
        records = records.filter(Q(comment_id=q) | Q(who=q) | in_words)
    if before is not None:
        records = records.filter(at__lt=before)
    page = list(records[: PAGE + 1])
    shown = page[:PAGE]
    grouped = [list(group) for _, group in groupby(shown, key=lambda record: (record.act, record.verb))]
    acts = [record_line(group[0]) | {"ids": ids_of(group)} for group in grouped]
    return Found(acts, shown[-1].at if len(page) > PAGE else None)


def ids_of(records: list[Record]) -> list[str]:
    return [record.comment_id for record in records if record.comment_id]
