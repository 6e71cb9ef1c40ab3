"""The JSON API: the wire of docs/architecture.md, each operation a few lines over the write door or the read door."""

from typing import Annotated

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from ninja import NinjaAPI, Path, Query, Router, Swagger
from ninja.parser import Parser

from . import body, cache, posting, reading
from .addresses import client_address
from .answers import answer_errors_of, json, to_bytes
from .bots import Bot, identify, required
from .clock import StreamClock
from .comment import Comment
from .params import ChangesParams, ListParams
from .posting import Outcome
from .schemas import (
    EXAMPLE_ID,
    BotParamsIn,
    Change,
    ChangeForBots,
    ChangeList,
    CommentForBots,
    CommentIn,
    CommentList,
    CommentOut,
    Error,
    Health,
    Held,
    Removed,
    Stats,
    example,
)

CommentId = Annotated[str, Path(description="The id of a comment.", **example(EXAMPLE_ID))]
LIST_LIMIT = 50
POLL_LIMIT = 200
STATUS_OF = {Outcome.STORED: 201, Outcome.REPEATED: 200, Outcome.HELD: 202}


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> dict:
        return body.read_json(request)


api = NinjaAPI(
    title="Say What Want",
    version="1.0.0",
    description="Anonymous, public, live comments in one ordered stream. No cookie is read or set.",
    parser=StrictParser(),
    default_router=Router(by_alias=True),
    docs=Swagger(settings={"validatorUrl": None}),  # else the page would ask a third party
)
answer_errors_of(api)


# Reading


@api.get(
    "/comments",
    response={200: CommentList | list[CommentForBots | CommentOut], (401, 422, 503): Error},
    operation_id="list_comments",
    summary="The newest comments, or with `after` the ones after a timestamp",
)
def list_comments(request: HttpRequest, params: Query[ListParams]):
    """Without `after`: an object with the newest `limit` that match, oldest first. With `after`: the poll of the first
    version, a bare array of the oldest `limit` comments after that timestamp, oldest first."""
    bot = identify(request)
    answer = comment_list if params.after is None else poll
    if params.fresh or params.after is not None:
        return json(answer(params, bot))
    name = f"{bool(bot)} {params.model_dump_json()}"
    return json(cache.kept(name, lambda: to_bytes(answer(params, bot))))


@api.get(
    "/changes",
    response={200: ChangeList, (401, 410, 422, 503): Error},
    operation_id="list_changes",
    summary="What changed after a cursor",
)
def list_changes(request: HttpRequest, params: Query[ChangesParams]):
    """The change feed: start with the `cursor` of a list, or with 0 for everything that was ever posted."""
    return json(change_list(params, identify(request)))


@api.get(
    "/comments/health",
    response={200: Health, 503: Error},
    operation_id="health",
    summary="Whether the database answers",
)
def health(request: HttpRequest):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return json(Health())


@api.get("/stats", response={200: Stats, 503: Error}, operation_id="stats", summary="How much there is")
def stats(request: HttpRequest):
    clock = StreamClock.now()
    return json(Stats(total_messages=clock.visible_total, latest_timestamp=clock.timestamp, cursor=clock.version))


@api.get(
    "/comments/{comment_id}",
    response={200: CommentForBots | CommentOut, (401, 404, 503): Error},
    operation_id="read_comment",
    summary="One comment",
)
def read_comment(request: HttpRequest, comment_id: CommentId):
    return json(shown(reading.one(comment_id), identify(request)))


# Writing


@api.post(
    "/comments",
    response={
        201: CommentForBots | CommentOut,
        200: CommentForBots | CommentOut,
        202: Held,
        (400, 401, 403, 409, 413, 415, 422, 429, 503): Error,
    },
    operation_id="post_comment",
    summary="Post a comment",
)
def post_comment(request: HttpRequest, comment: CommentIn):
    """201: stored. 200: it had been stored already, by the same author under the same id. 202: it waits for a
    moderator. Each of them is sent after the commit."""
    bot = identify(request)
    posted = posting.post(comment.draft(), client_address(request), bot)
    if posted.outcome == Outcome.HELD:
        return json(Held(id=posted.comment.id, reason=posting.HELD_REASON), 202)
    return json(shown(posted.comment, bot), STATUS_OF[posted.outcome])


@api.patch(
    "/comments/{comment_id}",
    response={200: CommentForBots, (400, 401, 404, 413, 415, 422, 503): Error},
    operation_id="note_bot_params",
    summary="Note something in a comment's botParams (bots only)",
)
def note_bot_params(request: HttpRequest, comment_id: CommentId, note: BotParamsIn):
    bot = required(request)
    posting.note(comment_id, note.bot_params)
    return json(shown(reading.one(comment_id), bot))


# The parts of an answer


def comment_list(params: ListParams, bot: Bot | None) -> CommentList:
    page = reading.newest(params.limit or LIST_LIMIT, params.before, params.offset, params.as_q())
    return CommentList.model_construct(
        comments=params.arranged([shown(comment, bot) for comment in page.comments]),
        total=page.total,
        has_more=page.has_more,
        cursor=page.cursor,
    )


def poll(params: ListParams, bot: Bot | None) -> list[CommentOut]:
    comments = reading.after(params.after, params.limit or POLL_LIMIT, params.as_q())
    return params.arranged([shown(comment, bot) for comment in comments])


def change_list(params: ChangesParams, bot: Bot | None) -> ChangeList:
    changes = reading.changes(params.after, params.limit)
    return ChangeList.model_construct(
        after=changes.after,
        cursor=changes.cursor,
        changes=[change(comment, bot) for comment in changes.comments if params.lets_through(comment)],
        has_more=changes.has_more,
        poll_after_ms=settings.POLL_AFTER_MS,
    )


def shown(comment: Comment, bot: Bot | None) -> CommentOut:
    return (CommentForBots if bot else CommentOut).of(comment)


def change(comment: Comment, bot: Bot | None) -> Change | Removed:
    if not comment.is_visible:
        return Removed(id=comment.id, version=comment.version)
    return (ChangeForBots if bot else Change).of(comment)
