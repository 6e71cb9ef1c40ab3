"""The bots' work: what waits, who is at what, and what people have to look at."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from comments.bots import queue
from comments.bots.overview import overview
from comments.templatetags.stream import moment

from .buttons import may, permitted


def work(request: HttpRequest) -> HttpResponse:
    permitted(request, "view_comment")
    if request.method == "POST":
        return retry(request)
    found = overview()
    claimed = [(line, at(line.lease.claimed_at), at(line.lease.until)) for line in found.claimed]
    context = {"title": "Work", "found": found, "claimed": claimed, "may": may(request)}
    return render(request, "admin/desk/work.html", context)


def retry(request: HttpRequest) -> HttpResponse:
    """A dead letter is offered again."""
    permitted(request, "moderate_comment")
    queue.retry(request.POST.get("retry", "").replace("\0", ""))
    messages.info(request, "It is offered again.")
    return HttpResponseRedirect(reverse("admin:work"), status=303)


def at(microseconds: int) -> datetime:
    return moment(microseconds // 1000)
