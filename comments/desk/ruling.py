"""The rules of the site, for administrators: what may be changed without whoever runs the machine."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from comments.stream.clock import StreamClock
from comments.stream.record import Act
from comments.wire.params import whole_number
from comments.writing.rules import NO_RULE, RULES, set_rules

from .buttons import permitted

WORDS = {
    "HOLD_COMMENTS": "Each comment waits until a moderator shows it",
    "REPORTS_TO_HOLD": "Reports from so many networks hold a comment (0: never)",
    "POSTS_PER_MINUTE": "So many comments of one visitor in a minute",
    "BOT_POSTS_PER_MINUTE": "So many comments of all bots together in a minute",
}


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    permitted(request, "set_rules")
    changed = StreamClock.now().rules
    shown = [
        {
            "name": name,
            "words": WORDS[name],
            "is_yes_or_no": len(values) == 2,
            "least": values[0],
            "most": values[-1],
            "value": changed.get(name, ""),
            "usual": int(getattr(settings, name)),
        }
        for name, values in RULES.items()
    ]
    return render(request, "admin/desk/rules.html", {"title": "Rules", "rules": shown})


def ruled(request: HttpRequest) -> str:
    """Do it; what was done. Raises Refused."""
    permitted(request, "set_rules")
    written = {name: request.POST.get(name, "").strip() for name in RULES}
    try:
        rules = {name: whole_number(value) for name, value in written.items() if value}
    except ValueError as error:
        raise NO_RULE from error
    set_rules(rules, Act(request.user.get_username()))
    return "The rules are changed, from the next comment on."
