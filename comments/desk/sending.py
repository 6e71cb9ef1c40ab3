"""What can be sent to the desk: an action, which may have to be asked about first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from comments.errors import Refused
from comments.stream.clock import one_moment
from comments.stream.record import Act
from comments.text.cleaning import ID
from comments.wire.params import whole_number
from comments.writing.bans import Ban, lift

from . import acting, again, rows, ruling, speaking
from .buttons import permitted
from .choice import NONSENSE, Order, parts

FIXED = ("stated", "seen", "since_ms")  # what a question adds to the form that it is about


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do what the form says, or ask first; then back to where it was sent from, with what was done."""
    permitted(request, "moderate_comment")
    try:
        question, said = acted(request)
    except Refused as refused:
        question, said = question_after(request, refused), refused.sentence
    if question:
        return question
    if "X-Desk" in request.headers:
        return render(request, "admin/desk/_said.html", {"said": said, "recent": acting.recent(request.user)})
    messages.info(request, said)
    return HttpResponseRedirect(way_back(request), status=303)


def acted(request: HttpRequest) -> tuple[HttpResponse | None, str]:
    """The question that has to be answered first, or what was done."""
    verb, _, target = parts(request.POST.get("do", ""))
    if target and not ID.fullmatch(target):
        raise NONSENSE
    if verb == "undo":
        return None, acting.undo(target, request.user)
    if verb == "lift":
        return None, lifted(request, target)
    if verb in speaking.VERBS:
        return None, speaking.spoken(request, verb)
    if verb == "rules":
        return None, ruling.ruled(request)
    order = Order.of(request.POST)
    if order.asks_first and "confirmed" not in request.POST:
        return confirm(request, order), ""
    return None, acting.do(order, request.user, stated(request))


def question_after(request: HttpRequest, refused: Refused) -> HttpResponse | None:
    """What was written is not lost."""
    has_written = parts(request.POST.get("do", ""))[0] in speaking.VERBS
    return speaking.refused(request, refused) if has_written else None


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


def way_back(request: HttpRequest) -> str:
    """Where the form was sent from, if that is the desk."""
    index = reverse("admin:index")
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(index)
    return back if is_ours else index
