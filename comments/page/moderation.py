"""What moderators did, in numbers: a page for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments.api.refusals import unavailable_page
from comments.outage import AWAY
from comments.writing import tally


@require_safe
def moderation(request: HttpRequest) -> HttpResponse:
    try:
        response = render(request, "comments/moderation.html", {"days": tally.days(), "verbs": tally.VERBS})
    except AWAY as error:
        response = unavailable_page(request, error)
    response["Cache-Control"] = "no-cache"
    return response
