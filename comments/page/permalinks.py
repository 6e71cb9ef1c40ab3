"""One comment at an address of its own, with what stands around it; and what is said where there is none."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments.errors import Refused
from comments.reading import table

from .answering import for_visitors
from .views import NEWEST, shown


@require_safe
@for_visitors
def permalink(request: HttpRequest, id: str) -> HttpResponse:
    try:
        return page(request, id)
    except Refused as refused:
        if refused.status != 404:
            raise
        return missing(request, id)


def page(request: HttpRequest, id: str) -> HttpResponse:
    comments = table.around(id, NEWEST)
    asked = next(comment for comment in comments.comments if comment.id == id)
    return shown(request, comments, is_older=comments.has_newer, asked=asked)


def missing(request: HttpRequest, id: str) -> HttpResponse:
    """Whoever follows a link learns whether there ever was something."""
    was_removed = table.was_removed(id)
    return render(request, "comments/missing.html", {"was_removed": was_removed}, status=410 if was_removed else 404)
