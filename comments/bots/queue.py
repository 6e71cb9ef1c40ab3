"""The work queue: who asks bots for an answer gets exactly one, whatever dies on the way.

    claim → a lease, for a time → renew … → reply: the answer, its question's mark and the lease, in one transaction

Work is a visible comment whose `botParams.processed` is false. Every step is one transaction under the clock's lock,
and all time is the database's. A lease that is over is offered again by itself; who held it cannot answer any more.
"""

import hmac
import secrets
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery

from comments.callers.addresses import Address
from comments.callers.bots import Bot, hash_of
from comments.errors import NO_COMMENT, Refused
from comments.stream.clock import StreamClock, together, writing
from comments.stream.comment import Comment
from comments.stream.queryset import CommentQuerySet, State
from comments.stream.record import one_line
from comments.text.cleaning import ID, Draft, clean_bot_params
from comments.writing import posting
from comments.writing.posting import Outcome, Posted

from .lease import Lease
from .named import named

SECOND_US = 1_000_000
MAX_REASON = 300
NOT_FOR_BOTS = Refused(409, "not_for_bots", "This comment does not ask bots for an answer.")
DONE = Refused(409, "done", "This comment has been answered, or marked as done.")
DEAD = Refused(409, "dead", "This comment has been tried too often: a person has to look at it.")
STALE = Refused(409, "stale_lease", "This lease is over: somebody else may have the work by now.")
REMOVED = Refused(409, "removed", "A moderator has removed the question.")


@dataclass(frozen=True)
class Claim:
    lease: str
    until: int  # ms since 1970, by the database's clock
    attempt: int


def waiting() -> CommentQuerySet:
    """What may be claimed now, most urgent first, then oldest first."""
    asking = Comment.objects.visible().filter(work__isnull=False)
    return asking.filter(~Exists(Lease.objects.in_the_way())).order_by("work", "timestamp")


def work(limit: int, dealt: str = "") -> list[tuple[Comment, int]]:
    """What may be claimed now, with how often it was tried; first what was dealt to who asks: see `waiting.py`. 1
    query, or 2."""
    tried = Subquery(Lease.objects.filter(comment_id=OuterRef("pk")).values("attempts"))
    offered = waiting().annotate(attempts=tried)
    found = list(offered.filter(pk=dealt)) if dealt else []
    if len(found) < limit:
        found += offered.exclude(pk=dealt)[: limit - len(found)]
    return [(comment, comment.attempts or 0) for comment in found]


def claim(id: str, seconds: int, bot: Bot) -> Claim:
    """Raises Refused with status 404 or 409. As long as nothing is said, it is nobody's news, and takes no tick."""
    with together() as wall:
        _claimable(id)
        lease = _lease_of(id) or Lease(comment_id=id)
        if lease.until > wall:
            raise _claimed(lease, wall)
        if lease.attempts >= settings.BOT_ATTEMPTS:
            raise DEAD
        lease.attempts += 1
        secret = f"{lease.attempts}-{secrets.token_urlsafe(18)}"
        lease.holder, lease.hash, lease.claimed_at = bot.name, hash_of(secret), wall
        return _extended(lease, secret, seconds, wall)


def renew(id: str, secret: str, seconds: int, bot: Bot) -> Claim:
    """Raises Refused (409) if it is over, also if nobody else has taken the work."""
    with together() as wall:
        lease = _held(id, secret, bot, wall)
        _still_asked(id)
        return _extended(lease, secret, seconds, wall)


def release(id: str, secret: str, reason: str, after_seconds: int, bot: Bot) -> None:
    """Give it back; it is offered again after so many seconds."""
    with together() as wall:
        lease = _held(id, secret, bot, wall)
        lease.hash, lease.reason = "", one_line(reason, MAX_REASON)
        lease.until = wall + after_seconds * SECOND_US
        lease.save(force_update=True)


def reply(id: str, secret: str, draft: Draft, address: Address, bot: Bot) -> Posted:
    """Answer it, and so end the work; the same lease again gets the same answer. Raises Refused."""
    with writing() as clock:
        earlier = _lease_of(id)
        if earlier and earlier.reply_id and _is_of(earlier, secret, bot):
            return _answered(earlier)
        lease = _held(id, secret, bot, clock.wall)
        question = _still_asked(id)
        cleaned = posting.cleaned_of(_as_answer(draft, question), bot)
        posted = posting.enter(cleaned, clock, address, bot)
        Comment.objects.filter(pk=id).edit_bot_params_under(clock, lambda params: params | {"processed": True})
        _complete(lease, question, posted.comment, clock)
        return posted


def note(id: str, params: dict, secret: str, bot: Bot) -> Comment:
    """Set keys in the botParams of a visible comment; the comment as it is then. What a bot is at, others leave alone.
    Raises Refused with status 404, 409 or 422."""
    with writing() as clock:
        lease = _lease_of(id)
        if lease and lease.hash and lease.done_at is None and lease.until > clock.wall:
            if not _is_of(lease, secret, bot):
                raise _claimed(lease, clock.wall)
        elif secret:
            raise STALE
        edited = named(id).edit_bot_params_under(clock, lambda earlier: clean_bot_params(earlier | params) or {})
        if not edited:
            raise NO_COMMENT
        if lease and params.get("processed") is not None:
            lease.delete()  # asked anew, or done without an answer: either way nobody holds it any more
        return edited[0]


def forget() -> None:
    """Who was at what, of comments that are gone for good. Once a day."""
    there = Comment.objects.filter(pk=OuterRef("comment_id"))
    Lease.objects.filter(~Exists(there)).delete()


def retry(id: str) -> None:
    """A person wants a dead letter to be tried again."""
    with writing():
        Lease.objects.exhausted().filter(pk=id).update(attempts=0, until=0, hash="")


def _claimable(id: str) -> None:
    comment = next(iter(named(id).visible()), None)
    if comment is None:
        raise NO_COMMENT
    if comment.work is None:
        raise DONE if (comment.bot_params or {}).get("processed") is True else NOT_FOR_BOTS


def _still_asked(id: str) -> Comment:
    """The question of a lease that holds: meanwhile a moderator or another bot may have ended it."""
    comment = named(id).first()
    if comment is None or comment.state != State.VISIBLE:
        raise REMOVED
    if comment.work is None:
        raise DONE
    return comment


def _as_answer(draft: Draft, question: Comment) -> Draft:
    """In the room of its question. The lease is what makes a retry harmless, so it needs no id of the sender's."""
    language = draft.language or question.language
    return replace(draft, id="", reply_to=question.pk, domain=question.domain, language=language)


def _lease_of(id: str) -> Lease | None:
    return next(iter(Lease.objects.filter(pk=id)), None) if ID.fullmatch(id) else None


def _held(id: str, secret: str, bot: Bot, wall: int) -> Lease:
    lease = _lease_of(id)
    if lease is None or not _is_of(lease, secret, bot) or lease.until <= wall or lease.done_at is not None:
        raise STALE
    return lease


def _is_of(lease: Lease, secret: str, bot: Bot) -> bool:
    is_secret = secret.isascii() and hmac.compare_digest(lease.hash, hash_of(secret))
    return is_secret and lease.holder == bot.name


def _claimed(lease: Lease, wall: int) -> Refused:
    seconds = max(1, -(-(lease.until - wall) // SECOND_US))
    return Refused(409, "claimed", "A bot is at it, or it has to wait.", seconds)


def _extended(lease: Lease, secret: str, seconds: int, wall: int) -> Claim:
    lease.until = wall + seconds * SECOND_US
    lease.save(force_insert=lease._state.adding, force_update=not lease._state.adding)
    return Claim(secret, lease.until // 1000, lease.attempts)


def _answered(lease: Lease) -> Posted:
    answer = Comment.objects.visible().filter(pk=lease.reply_id).first()
    if answer is None:
        raise Refused(403, "removed", "A moderator has removed this answer.")
    return Posted(answer, Outcome.REPEATED)


def _complete(lease: Lease, question: Comment, answer: Comment, clock: StreamClock) -> None:
    lease.done_at, lease.reply_id = clock.wall, answer.pk
    lease.waited_ms = (answer.timestamp or 0) - (question.timestamp or 0)
    lease.save()
