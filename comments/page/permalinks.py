"""One comment at an address of its own, with what stands around it; and what is said where there is none."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from comments.api.refusals import unavailable_page
from comments.errors import Refused
from comments.outage import AWAY
from comments.reading import table

from .language import spoken_to
from .views import NEWEST, finished, shown


@require_safe
@gzip_page
def permalink(request: HttpRequest, id: str) -> HttpResponse:
    with spoken_to(request):
        return finished(answer_to(request, id))


def answer_to(request: HttpRequest, id: str) -> HttpResponse:
    try:
        return page(request, id)
    except AWAY as error:
        return unavailable_page(request, error)
    except Refused as refused:
        return missing(request, id) if refused.status == 404 else unavailable_page(request, refused)


def page(request: HttpRequest, id: str) -> HttpResponse:
    comments = table.around(id, NEWEST)
    asked = next(comment for comment in comments.comments if comment.id == id)
    return shown(request, comments, is_older=comments.has_newer, asked=asked)


def missing(request: HttpRequest, id: str) -> HttpResponse:
    """Whoever follows a link learns whether there ever was something."""
    was_removed = table.was_removed(id)
    return render(request, "comments/missing.html", {"was_removed": was_removed}, status=410 if was_removed else 404)
