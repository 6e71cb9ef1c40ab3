"""Bots that moderate, as a classifier of the site's own does: by the verbs of the desk and into its record, no faster
than they may, and never against a person's decision. What they do is seen and taken back at the desk."""

from django.db.models import Q

from comments.callers.bots import Bot
from comments.errors import NO_COMMENT, Refused
from comments.stream.clock import together
from comments.stream.comment import Comment
from comments.stream.queryset import CommentQuerySet
from comments.stream.record import Act, Record
from comments.writing.bans import Ban, ban_author
from comments.writing.reports import BY_REPORTS

from .named import named

MARK = " (bot)"  # no account of a person has a name like this
MINUTE_US = 60_000_000
VERBS = ("hide", "restore", "hold")
NOTHING = Refused(409, "nothing_to_change", "This comment is in no state in which that could be done.")
DECIDED = Refused(409, "decided", "A person has decided about this comment: a bot leaves it so.")
NO_AUTHOR = Refused(409, "no_author", "It is not known any more from where this comment was posted.")


def moderate(id: str, verb: str, reason: str, note: str, bot: Bot) -> Comment:
    """One of VERBS; the comment as it is then. Raises Refused with status 404, 409 or 429."""
    act = Act(bot.name + MARK, reason, note)
    with together() as wall:
        comments = _undecided(id, bot, wall)
        if not getattr(comments, verb)(act):
            raise NOTHING
        return comments.get()


def ban(id: str, length: str, reason: str, note: str, bot: Bot) -> Ban:
    """Who wrote the comment may not post for one of the lengths of the desk, but never for good. Raises the same."""
    act = Act(bot.name + MARK, reason, note)
    with together() as wall:
        comment = _undecided(id, bot, wall).get()
        if not comment.author_key:
            raise NO_AUTHOR
        return ban_author(comment, length, act)


def _undecided(id: str, bot: Bot, wall: int) -> CommentQuerySet:
    _refuse_flood(bot, wall)
    comments = named(id)
    if not comments.exists():
        raise NO_COMMENT
    by_program = Q(who__endswith=MARK) | Q(who=BY_REPORTS)
    last = Record.objects.of_comment(id).first()
    if last and not Record.objects.filter(by_program, pk=last.pk).exists():
        raise DECIDED
    return comments


def _refuse_flood(bot: Bot, wall: int) -> None:
    """What is refused later takes itself back with the transaction."""
    account = Bot.objects.filter(pk=bot.pk)
    lately = [at for at in account.values_list("acts", flat=True).get() if wall - MINUTE_US < at <= wall]
    account.update(acts=[*lately, wall])
    if len(lately) >= bot.acts_per_minute:
        raise Refused(429, "rate_limited", "This bot is moderating too fast. Wait a minute and try again.", 60)
