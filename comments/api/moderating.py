"""What bots with the scope `moderate` may do, on the wire: see comments/bots/moderating.py."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from comments.bots import moderating
from comments.callers.bots import MODERATE
from comments.wire.params import StatesParams
from comments.wire.schemas import (
    ActIn,
    BanIn,
    Banned,
    CommentWithState,
    CommentWithStateList,
    Error,
)

from . import states
from .answers import CommentId
from .caller import required_bot_of
from .response import json

REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)

router = Router(by_alias=True)


@router.get(
    "/bots/moderation",
    response={200: CommentWithStateList, (401, 403, 410, 422, 503): Error},
    operation_id="list_states",
    summary="The change feed for bots that moderate: held and hidden comments, too",
)
def list_states(request: HttpRequest, params: Query[StatesParams]):
    """As `/api/changes`, but each comment as it is, with its state, also those that never were in the stream. With
    `wait` it answers as soon as there is something."""
    required_bot_of(request, MODERATE)
    return json(states.page(params.after, params.limit).body)


@router.post(
    "/comments/{comment_id}/hide",
    response={200: CommentWithState, REFUSALS: Error},
    operation_id="hide_comment",
    summary="Take a comment away; moderators can restore it",
)
def hide_comment(request: HttpRequest, comment_id: CommentId, act: ActIn):
    return _moderated(request, comment_id, "hide", act)


@router.post(
    "/comments/{comment_id}/restore",
    response={200: CommentWithState, REFUSALS: Error},
    operation_id="restore_comment",
    summary="Bring back what a bot has hidden",
)
def restore_comment(request: HttpRequest, comment_id: CommentId, act: ActIn):
    return _moderated(request, comment_id, "restore", act)


@router.post(
    "/comments/{comment_id}/hold",
    response={200: CommentWithState, REFUSALS: Error},
    operation_id="hold_comment",
    summary="Let a comment wait for a moderator",
)
def hold_comment(request: HttpRequest, comment_id: CommentId, act: ActIn):
    return _moderated(request, comment_id, "hold", act)


@router.post(
    "/comments/{comment_id}/ban",
    response={200: Banned, REFUSALS: Error},
    operation_id="ban_author",
    summary="Let the author of a comment not post for a time",
)
def ban_author(request: HttpRequest, comment_id: CommentId, act: BanIn):
    bot = required_bot_of(request, MODERATE)
    ban = moderating.ban(comment_id, act.time, act.reason, act.note, bot)
    return json(Banned(id=comment_id, until=int(ban.until.timestamp() * 1000) if ban.until else None))


def _moderated(request: HttpRequest, comment_id: str, verb: str, act: ActIn) -> HttpResponse:
    bot = required_bot_of(request, MODERATE)
    return json(CommentWithState.of(moderating.moderate(comment_id, verb, act.reason, act.note, bot)))
