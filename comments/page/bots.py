"""Who runs a bot and what for: where the badge of each of its comments leads."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments.callers.bots import Bot
from comments.stream.comment import Comment
from comments.wire.views import User, View

from .answering import for_visitors


@require_safe
@for_visitors
def bot(request: HttpRequest, name: str) -> HttpResponse:
    """404 for a name without an account; its comments were imported, or are of an old bot. 1 query."""
    found = Bot.objects.filter(name=name).first() if "\0" not in name else None
    context = {"bot": found}
    if found:
        context["author"] = Comment(username=found.name, color=found.color)  # as its comments show it
        context["view"] = View(users=[User(found.name)], type="AI").written()
    return render(request, "comments/bot.html", context, status=200 if found else 404)
