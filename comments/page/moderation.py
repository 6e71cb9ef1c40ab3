"""What moderators did, in numbers: a page for everybody."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments.writing import tally

from .views import unavailable


@require_safe
def moderation(request: HttpRequest) -> HttpResponse:
    try:
        response = render(request, "comments/moderation.html", {"days": tally.days(), "verbs": tally.VERBS})
    except (OperationalError, InterfaceError) as error:
        response = unavailable(request, error)
    response["Cache-Control"] = "no-cache"
    return response
