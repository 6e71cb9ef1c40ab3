"""Who runs a bot and what for: where the badge of each of its comments leads."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments.api.refusals import unavailable_page
from comments.callers.bots import Bot
from comments.outage import AWAY
from comments.stream.comment import Comment
from comments.wire.views import User, View

from .language import spoken_to
from .views import finished


@require_safe
def bot(request: HttpRequest, name: str) -> HttpResponse:
    with spoken_to(request):
        try:
            return finished(page(request, name))
        except AWAY as error:
            return finished(unavailable_page(request, error))


def page(request: HttpRequest, name: str) -> HttpResponse:
    """404 for a name without an account; its comments were imported, or are of an old bot. 1 query."""
    found = Bot.objects.filter(name=name).first() if "\0" not in name else None
    context = {"bot": found}
    if found:
        context["author"] = Comment(username=found.name, color=found.color)  # as its comments show it
        context["view"] = View(users=[User(found.name)], type="AI").written()
    return render(request, "comments/bot.html", context, status=200 if found else 404)
