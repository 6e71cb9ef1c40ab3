"""One comment, closely: what was said around it, what was done to it, and what visitors reported of it."""

from comments.stream.clock import one_moment
from comments.stream.comment import Comment
from comments.stream.record import Record
from comments.text.cleaning import ID
from comments.writing.bans import Ban
from comments.writing.reports import Report

from . import rows
from .listing import author_of

AROUND = 5  # comments before and after the one that it is about
MOST = 100  # records and reports


def closely(id: str) -> dict | None:
    """All of one moment, by the names that the page has for it; None if there is no such comment."""
    with one_moment() as clock:
        found = Comment.objects.filter(pk=id).first() if ID.fullmatch(id) else None
        if found is None:
            return None
        return {
            "comment": rows.row(found),
            "around": conversation(found),
            "records": [rows.record_line(record) for record in Record.objects.of_comment(id)[:MOST]],
            "reports": list(Report.objects.filter(comment_id=id).order_by("-at")[:MOST]),
            "bans": list(Ban.objects.running().filter(author_key__in=author_of(id))),
            "raw": raw(found),
            "cursor": clock.version,
        }


def conversation(found: Comment) -> list[Comment]:
    """The comments around one in the stream, oldest first; itself among them."""
    if found.timestamp is None:
        return rows.rows([found])
    seen = Comment.objects.filter(domain=found.domain, timestamp__isnull=False)
    earlier = list(seen.before(found.timestamp).newest(AROUND))[::-1]
    return rows.rows([*earlier, found, *seen.after(found.timestamp).oldest(AROUND)])


def raw(found: Comment) -> list[tuple[str, object]]:
    """Every field as it is stored, but the key of its author."""
    fields = [field.attname for field in found._meta.concrete_fields if field.attname != "author_key"]
    return [(name, getattr(found, name)) for name in fields]
