"""The webhooks of a bot: made, switched, given another secret, and how their last calls went."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from comments.callers.bots import Bot
from comments.hooks import making
from comments.hooks.hook import Hook
from comments.hooks.making import HookForm

from .bots import number
from .buttons import permitted
from .work import at

SHOWN = 10  # of its last calls
SAID = {
    "on": "It is called again, from where it was.",
    "off": "It is not called any more.",
    "remove": "The webhook is gone.",
}


def hooks(request: HttpRequest, bot_id: int) -> HttpResponse:
    """All of them, and a form for one more; with `do`, as in `off:7`, what becomes of one. A secret stands in the
    answer to the press that made it, and never again."""
    permitted(request, "change_bot")
    bot = get_object_or_404(Bot, pk=bot_id)
    verb, _, chosen = request.POST.get("do", "").partition(":")
    if verb:
        return changed(request, get_object_or_404(Hook, pk=number(chosen), bot=bot), verb)
    form = HookForm(request.POST or None, instance=Hook(bot=bot))
    if request.method == "POST" and form.is_valid():
        return page(request, bot, HookForm(instance=Hook(bot=bot)), form.save().secret)
    return page(request, bot, form)


def changed(request: HttpRequest, hook: Hook, verb: str) -> HttpResponse:
    if verb == "secret":
        hook.renew_secret()
        hook.save(update_fields=["nonce"])
        return page(request, hook.bot, HookForm(instance=Hook(bot=hook.bot)), hook.secret)
    if verb not in SAID:
        raise Http404
    if verb == "remove":
        hook.delete()
    else:
        making.switch(hook, verb == "on")
    messages.info(request, SAID[verb])
    return HttpResponseRedirect(reverse("admin:hooks", args=[hook.bot_id]), status=303)


def page(request: HttpRequest, bot: Bot, form: HookForm, secret: str = "") -> HttpResponse:
    found = [(hook, calls(hook)) for hook in bot.hooks.order_by("pk")]
    context = {"title": f"Webhooks of {bot.name}", "bot": bot, "hooks": found, "form": form, "secret": secret}
    return render(request, "admin/desk/hooks.html", context)


def calls(hook: Hook) -> list:
    return [(call, at(call.at)) for call in hook.deliveries.order_by("-at", "-pk")[:SHOWN]]
