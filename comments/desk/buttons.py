"""Who may do it, and what every page of the desk with buttons needs."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from comments.writing.bans import FOR_GOOD, LENGTHS

from . import acting
from .choice import REASONS

LENGTH_WORDS = {"10m": "10 minutes", "1h": "1 hour", "1d": "1 day", "30d": "30 days", FOR_GOOD: "good"}
SINCE_WORDS = {"10m": "10 minutes", "1h": "1 hour", "1d": "1 day", "all": "ever"}


def permitted(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(f"comments.{permission}"):
        raise PermissionDenied


def choices(request: HttpRequest) -> dict:
    lengths = [key for key in LENGTHS if key != FOR_GOOD or request.user.has_perm("comments.ban_for_good")]
    return {
        "lengths": [(key, LENGTH_WORDS[key]) for key in lengths],
        "sinces": SINCE_WORDS.items(),
        "reasons": REASONS,
        "recent": acting.recent(request.user),
        "may": may(request),
    }


def may(request: HttpRequest) -> bool:
    """Whether there is anything to press."""
    return request.user.has_perm("comments.moderate_comment")
