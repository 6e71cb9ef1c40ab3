"""The bots' accounts: who they are, what they may do, and their tokens, each of which is shown once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from comments.bots.accounts import BotForm
from comments.callers.bots import USUAL_SCOPES, Bot
from comments.wire.params import whole_number

from .buttons import permitted

MOST_DAYS = 3650


def bots(request: HttpRequest) -> HttpResponse:
    """All of them, and a form for one more."""
    permitted(request, "change_bot")
    if request.method == "POST":
        permitted(request, "add_bot")
    form = BotForm(request.POST or None, initial={"scopes": USUAL_SCOPES})
    if request.method == "POST" and form.is_valid():
        return shown(request, form.save())
    found = Bot.objects.order_by("-is_active", "name")
    return render(request, "admin/desk/bots.html", {"title": "Bots", "bots": found, "form": form})


def bot(request: HttpRequest, bot_id: int) -> HttpResponse:
    """One of them, to change it."""
    permitted(request, "change_bot")
    found = get_object_or_404(Bot, pk=bot_id)
    form = BotForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.info(request, "Saved.")
        return HttpResponseRedirect(reverse("admin:bot", args=[bot_id]), status=303)
    return page(request, Bot.objects.get(pk=bot_id), form)


@require_POST
def token(request: HttpRequest, bot_id: int) -> HttpResponse:
    """One more, or with `revoke` one less. A new one stands in this very answer, and never again."""
    permitted(request, "change_bot")
    found = get_object_or_404(Bot, pk=bot_id)
    if revoked := number(request.POST.get("revoke")):
        found.tokens.filter(pk=revoked, revoked_at=None).update(revoked_at=timezone.now())
        return HttpResponseRedirect(reverse("admin:bot", args=[bot_id]), status=303)
    days = min(number(request.POST.get("days")), MOST_DAYS)
    made = found.new_token(request.POST.get("label", "").strip().replace("\0", "")[:40], days)
    return page(request, found, BotForm(instance=found), made)


def shown(request: HttpRequest, made: Bot) -> HttpResponse:
    """A new bot with its first token."""
    return page(request, made, BotForm(instance=made), made.new_token())


def page(request: HttpRequest, found: Bot, form: BotForm, made: str = "") -> HttpResponse:
    tokens = found.tokens.order_by("-created_at")
    context = {"title": found.name, "bot": found, "form": form, "tokens": tokens, "made": made}
    return render(request, "admin/desk/bot.html", context)


def number(text: str | None) -> int:
    """0 for whatever is none."""
    try:
        return whole_number(text) or 0
    except ValueError:
        return 0
