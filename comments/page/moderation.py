"""What moderators did, in numbers: a page for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments.writing import tally

from .answering import for_visitors


@require_safe
@for_visitors
def moderation(request: HttpRequest) -> HttpResponse:
    return render(request, "comments/moderation.html", {"days": tally.days(), "verbs": tally.VERBS})
