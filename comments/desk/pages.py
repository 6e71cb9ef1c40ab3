"""What can be opened at the desk."""

import time

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from comments.reading import table
from comments.reading.tail import Snapshot, tail
from comments.stream.comment import Comment
from comments.stream.queryset import State
from comments.wire.params import MAX_CHANGES, whole_number
from comments.writing.bans import Ban

from . import rows
from .buttons import choices, may, permitted
from .closeup import closely
from .listing import Filters, listed, place_before, waiting
from .lookup import look_up

MINUTE_MS = 60_000


def desk(request: HttpRequest) -> HttpResponse:
    """The stream, newest first, and what waits beside it."""
    permitted(request, "view_comment")
    filters, before = Filters.of(request.GET), place_before(request.GET)
    shown = {"filters": filters, "listing": listed(filters, before), "waiting": waiting()}
    is_first_page = before is None
    how = {"is_first_page": is_first_page, "follows": is_first_page and not filters, "states": State.values}
    live = {"minute": minute(tail.fresh().result()), "poll_after_ms": settings.POLL_AFTER_MS}
    return render(request, "admin/desk/desk.html", {"title": "Desk", **shown, **how, **live, **choices(request)})


@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """The rows that have changed after a cursor, from the same tail as all readers' news: the table is read only if
    there are any. 204 if there is nothing, 410 if the page has to be opened anew."""
    permitted(request, "view_comment")
    after, snapshot = cursor_of(request), tail.fresh().result()
    if after is None or after > snapshot.clock.version or not snapshot.clock.serves(after):
        return HttpResponse(status=410)
    if after == snapshot.clock.version:
        return HttpResponse(status=204)
    changes = table.changes(after, MAX_CHANGES, private=True)
    changed = {"rows": rows.rows(changes.comments), "changes": changes}
    beside = {"waiting": waiting(), "minute": minute(snapshot), "may": may(request)}
    return render(request, "admin/desk/_news.html", changed | beside)


@require_GET
def comment(request: HttpRequest, comment_id: str) -> HttpResponse:
    permitted(request, "view_comment")
    found = closely(comment_id)
    if found is None:
        raise Http404
    return render(request, "admin/desk/comment.html", {"title": "Comment", **found, **choices(request)})


def bans(request: HttpRequest) -> HttpResponse:
    """Who may not post, for whose words, and until when."""
    permitted(request, "view_comment")
    found = list(Ban.objects.running().order_by("-created_at")[:200])
    words = Comment.objects.in_bulk([ban.comment_id for ban in found])
    for ban in found:
        ban.mark, ban.words = rows.mark(ban.author_key), words.get(ban.comment_id)
    return render(request, "admin/desk/bans.html", {"title": "Bans", "bans": found, **choices(request)})


@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first."""
    permitted(request, "view_record")
    q = request.GET.get("q", "").strip()[:100].replace("\0", "")
    found = look_up(q, place_before(request.GET))
    return render(request, "admin/desk/record.html", {"title": "Record", "q": q, **vars(found)})


# The parts of a page


def cursor_of(request: HttpRequest) -> int | None:
    try:
        return whole_number(request.GET.get("after"))
    except ValueError:
        return None


def minute(snapshot: Snapshot) -> int:
    """Comments of the last minute, as far as the tail goes."""
    if not snapshot.comments:
        return 0
    newest = snapshot.comments_after(time.time_ns() // 1_000_000 - MINUTE_MS)
    return len(snapshot.comments if newest is None else newest)
