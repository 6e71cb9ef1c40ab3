"""What can be opened at the desk, and what can be sent to it."""

import time

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from comments.errors import Refused
from comments.reading import table
from comments.reading.tail import Snapshot, tail
from comments.stream.clock import one_moment
from comments.stream.comment import Comment
from comments.stream.queryset import State
from comments.stream.record import Act, Record
from comments.wire.params import MAX_CHANGES, MAX_INTEGER, whole_number
from comments.writing.bans import FOR_GOOD, LENGTHS, Ban, lift
from comments.writing.reports import Report

from . import acting, again, rows
from .choice import NONSENSE, REASONS, Order, parts
from .listing import Filters, author_of, listed, place_before, waiting
from .lookup import look_up

AROUND = 5  # comments before and after the one whose page it is
LENGTH_WORDS = {"10m": "10 minutes", "1h": "1 hour", "1d": "1 day", "30d": "30 days", FOR_GOOD: "good"}
SINCE_WORDS = {"10m": "10 minutes", "1h": "1 hour", "1d": "1 day", "all": "ever"}
MINUTE_MS = 60_000
FIXED = ("stated", "seen", "since_ms")  # what a question adds to the form that it is about


def permitted(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(f"comments.{permission}"):
        raise PermissionDenied


def desk(request: HttpRequest) -> HttpResponse:
    """The stream, newest first, and what waits beside it."""
    permitted(request, "view_comment")
    filters, before = Filters.of(request.GET), place_before(request.GET)
    listing = listed(filters, before)
    snapshot = tail.fresh().result()
    context = {
        "title": "Desk",
        "filters": filters,
        "states": State.values,
        "listing": listing,
        "follows": not filters and before is None,
        "is_first_page": before is None,
        "minute": minute(snapshot),
        "poll_after_ms": settings.POLL_AFTER_MS,
        **choices(request),
        **beside(request),
    }
    return render(request, "admin/desk/desk.html", context)


@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """The rows that have changed after a cursor, from the same tail as all readers' news: the table is read only if
    there are any. 204 if there is nothing, 410 if the page has to be opened anew."""
    permitted(request, "view_comment")
    try:
        after = whole_number(request.GET.get("after"))
    except ValueError:
        return HttpResponse(status=410)
    snapshot = tail.fresh().result()
    if after > min(snapshot.clock.version, MAX_INTEGER):
        return HttpResponse(status=410)
    if after == snapshot.clock.version:
        return HttpResponse(status=204)
    changes = table.changes(after, MAX_CHANGES, private=True)
    context = {"rows": rows.rows(changes.comments), "changes": changes, "minute": minute(snapshot), **beside(request)}
    return render(request, "admin/desk/_news.html", context | {"may": may(request)})


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do what the form says, or ask first; then back to where it was sent from, with what was done."""
    permitted(request, "moderate_comment")
    try:
        question, said = acted(request)
    except Refused as refused:
        question, said = None, refused.sentence
    if question:
        return question
    if "X-Desk" in request.headers:
        return render(request, "admin/desk/_said.html", {"said": said, "recent": acting.recent(request.user)})
    messages.info(request, said)
    return HttpResponseRedirect(way_back(request), status=303)


def acted(request: HttpRequest) -> tuple[HttpResponse | None, str]:
    """The question that has to be answered first, or what was done."""
    verb, _, target = parts(request.POST.get("do", ""))
    if verb == "undo":
        return None, acting.undo(target, request.user)
    if verb == "lift":
        return None, lifted(request, target)
    order = Order.of(request.POST)
    if order.asks_first and "confirmed" not in request.POST:
        return confirm(request, order), ""
    return None, acting.do(order, request.user, stated(request))


def lifted(request: HttpRequest, target: str) -> str:
    if not target.isascii() or not target.isdigit():
        raise NONSENSE
    count = lift(Ban.objects.filter(pk=int(target[:18])), Act(request.user.get_username()))
    return "The ban is lifted." if count else "This ban is over already."


def stated(request: HttpRequest) -> int | None:
    try:
        return whole_number(request.POST.get("stated"))
    except ValueError:
        return None


def confirm(request: HttpRequest, order: Order) -> HttpResponse:
    """The exact count, examples, and the version up to which it is meant."""
    with one_moment():
        found = order.comments()
        count, examples = found.count(), rows.rows(found.order_by("-version")[:10])
    fields = [(name, value) for name, value in again.sendable(request.POST) if name not in FIXED]
    fields += zip(FIXED, (count, order.choice.bound, order.choice.since_ms or ""), strict=True)
    context = {"title": "Are you sure?", "order": order, "count": count, "examples": examples, "fields": fields}
    context |= {"done": rows.DONE[order.verb].lower(), "back": way_back(request)}
    return render(request, "admin/desk/confirm.html", context)


def comment(request: HttpRequest, comment_id: str) -> HttpResponse:
    """One comment: what was said around it, what was done to it, and what can be done."""
    permitted(request, "view_comment")
    with one_moment() as clock:
        found = Comment.objects.filter(pk=comment_id).first()
        if found is None:
            raise Http404
        around = conversation(found)
        records = [rows.record_line(record) for record in Record.objects.of_comment(comment_id)[:100]]
        bans = list(Ban.objects.running().filter(author_key__in=author_of(comment_id)))
    context = {
        "title": "Comment",
        "comment": rows.row(found),
        "around": around,
        "records": records,
        "bans": bans,
        "cursor": clock.version,
        "reports": Report.objects.filter(comment_id=comment_id).order_by("-at")[:50],
        "raw": raw(found),
        **choices(request),
        "recent": acting.recent(request.user),
    }
    return render(request, "admin/desk/comment.html", context)


def bans(request: HttpRequest) -> HttpResponse:
    """Who may not post, for whose words, and until when."""
    permitted(request, "view_comment")
    found = list(Ban.objects.running().order_by("-created_at")[:200])
    words = Comment.objects.in_bulk([ban.comment_id for ban in found])
    for ban in found:
        ban.mark, ban.words = rows.mark(ban.author_key), words.get(ban.comment_id)
    context = {"title": "Bans", "bans": found, **choices(request), "recent": acting.recent(request.user)}
    return render(request, "admin/desk/bans.html", context)


@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first."""
    permitted(request, "view_record")
    q = request.GET.get("q", "").strip()[:100].replace("\0", "")
    found = look_up(q, place_before(request.GET))
    return render(request, "admin/desk/record.html", {"title": "Record", "q": q, **vars(found)})


# The parts of a page


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


def beside(request: HttpRequest) -> dict:
    return {"waiting": waiting(), "recent": acting.recent(request.user)}


def choices(request: HttpRequest) -> dict:
    lengths = [key for key in LENGTHS if key != FOR_GOOD or request.user.has_perm("comments.add_ban")]
    return {
        "lengths": [(key, LENGTH_WORDS[key]) for key in lengths],
        "sinces": SINCE_WORDS.items(),
        "reasons": REASONS,
        "may": may(request),
    }


def may(request: HttpRequest) -> bool:
    """Whether there is anything to press."""
    return request.user.has_perm("comments.moderate_comment")


def minute(snapshot: Snapshot) -> int:
    """Comments of the last minute, as far as the tail goes."""
    if not snapshot.comments:
        return 0
    newest = snapshot.comments_after(time.time_ns() // 1_000_000 - MINUTE_MS)
    return len(snapshot.comments if newest is None else newest)


def way_back(request: HttpRequest) -> str:
    """Where the form was sent from, if that is the desk."""
    index = reverse("admin:index")
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(index)
    return back if is_ours else index
