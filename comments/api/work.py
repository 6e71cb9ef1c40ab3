"""The work queue on the wire: see comments/bots/queue.py."""

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router

from comments.bots import queue
from comments.bots.queue import Claim
from comments.callers.bots import CLAIM, POST
from comments.wire.params import WorkParams
from comments.wire.schemas import (
    ClaimIn,
    CommentForBots,
    CommentOut,
    Error,
    LeaseOut,
    Released,
    ReleaseIn,
    RenewIn,
    ReplyIn,
    Work,
    WorkForBots,
    WorkList,
)

from .answers import CommentId, posted_answer, shown
from .caller import address_of, required_bot_of, sees_context
from .response import json
from .worklane import DEALT

REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422, 503)

router = Router(by_alias=True)


@router.get(
    "/bots/work",
    response={200: WorkList, (401, 403, 422, 503): Error},
    operation_id="list_work",
    summary="What asks bots for an answer, and may be claimed",
)
def list_work(request: HttpRequest, params: Query[WorkParams]):
    """Most urgent first, then oldest first. With `wait` it answers as soon as there is something, and begins with
    what no other bot that waits is told of; the waiting is done before Django."""
    bot = required_bot_of(request, CLAIM)
    kind = WorkForBots if sees_context(bot) else Work
    found = queue.work(params.limit, getattr(request, "scope", {}).get(DEALT, ""))
    work = [kind.of(comment, attempts=attempts) for comment, attempts in found]
    return json({"work": work, "pollAfterMs": settings.POLL_AFTER_MS})


@router.post(
    "/comments/{comment_id}/claim",
    response={200: LeaseOut, REFUSALS: Error},
    operation_id="claim_comment",
    summary="Take a comment to answer it",
)
def claim_comment(request: HttpRequest, comment_id: CommentId, claim: ClaimIn):
    bot = required_bot_of(request, CLAIM)
    return json(_lease(queue.claim(comment_id, claim.seconds, bot)))


@router.post(
    "/comments/{comment_id}/renew",
    response={200: LeaseOut, REFUSALS: Error},
    operation_id="renew_lease",
    summary="Keep it for longer",
)
def renew_lease(request: HttpRequest, comment_id: CommentId, renewal: RenewIn):
    bot = required_bot_of(request, CLAIM)
    return json(_lease(queue.renew(comment_id, renewal.lease, renewal.seconds, bot)))


@router.post(
    "/comments/{comment_id}/release",
    response={200: Released, REFUSALS: Error},
    operation_id="release_lease",
    summary="Give it back",
)
def release_lease(request: HttpRequest, comment_id: CommentId, given: ReleaseIn):
    """It is offered again after `retryAfterSeconds`; each claim was an attempt."""
    bot = required_bot_of(request, CLAIM)
    queue.release(comment_id, given.lease, given.reason, given.retry_after_seconds, bot)
    return json(Released(id=comment_id))


@router.post(
    "/comments/{comment_id}/reply",
    response={201: CommentForBots | CommentOut, 200: CommentForBots | CommentOut, (*REFUSALS, 429): Error},
    operation_id="reply_to_comment",
    summary="Answer it, and so end the work",
)
def reply_to_comment(request: HttpRequest, comment_id: CommentId, answer: ReplyIn):
    """201: the answer is stored, the question marked and the lease ended, at once. 200: so it was already, by the same
    lease."""
    bot = required_bot_of(request, CLAIM)
    bot.require(POST)
    posted = queue.reply(comment_id, answer.lease, answer.draft(bot.name), address_of(request), bot)
    return posted_answer(shown(posted.comment, bot), posted)


def _lease(claim: Claim) -> LeaseOut:
    return LeaseOut(lease=claim.lease, until=claim.until, attempt=claim.attempt)
