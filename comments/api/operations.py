"""The JSON API: the wire of docs/wire.md, each operation a few lines over the write door or the read door."""

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import http_date
from ninja import NinjaAPI, Query, Router
from ninja.parser import Parser

from comments.bots import queue
from comments.callers.bots import CLAIM, POST
from comments.reading import table
from comments.reading.readers import readers
from comments.reading.tail import tail
from comments.stream.clock import StreamClock
from comments.wire.params import ChangesParams, ListParams
from comments.wire.schemas import (
    BotParamsIn,
    ChangeList,
    CommentForBots,
    CommentIn,
    CommentList,
    CommentOut,
    Error,
    Health,
    Held,
    Moderation,
    ModerationDay,
    Ready,
    Reported,
    ReportIn,
    Stats,
)
from comments.writing import posting, reports, tally
from comments.writing.posting import Outcome

from . import body, moderating, readiness, reads, work
from .answers import CommentId, posted_answer, shown
from .caller import address_of, bot_of, required_bot_of, sees_context
from .refusals import answer_errors_of
from .representation import PRIVATE, Representation
from .response import json


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> dict:
        return body.read_json(request)


api = NinjaAPI(
    title="Say What Want",
    version="1.0.0",
    description="Anonymous, public, live comments in one ordered stream. No cookie is read or set.",
    parser=StrictParser(),
    default_router=Router(by_alias=True),
    docs_url=None,  # comments/page/reference.py shows the description
)
answer_errors_of(api)
READING, WRITING, SITE, WORK, MODERATING = "Read", "Write", "The site", "Work for bots", "Moderation by bots"


# Reading


@api.get(
    "/comments",
    response={200: CommentList | list[CommentForBots | CommentOut], 304: None, (401, 404, 422, 503): Error},
    operation_id="list_comments",
    tags=[READING],
    summary="The newest comments, or with `after` the ones after a timestamp",
)
def list_comments(request: HttpRequest, params: Query[ListParams]):
    """Without `after`: an object with the newest `limit` that match, oldest first. With `after`: the poll of the first
    version, a bare array of the oldest `limit` comments after that timestamp, oldest first."""
    return hot(request, params)


@api.get(
    "/changes",
    response={200: ChangeList, 304: None, (401, 410, 422, 503): Error},
    operation_id="list_changes",
    tags=[READING],
    summary="What changed after a cursor",
)
def list_changes(request: HttpRequest, params: Query[ChangesParams]):
    """The change feed: start with the `cursor` of a list, or with 0 for everything that was ever posted. With `wait`
    it answers as soon as there is something; that is the fast lane's work, which stands before Django."""
    return hot(request, params)


@api.get(
    "/comments/health",
    response={200: Health, 503: Error},
    operation_id="health",
    tags=[SITE],
    summary="Whether the database answers",
)
def health(request: HttpRequest):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    health = json(Health(status="ok"))
    health["Date"] = http_date()  # daphne gives none, and a page that has slept asks for the time
    return health


@api.get(
    "/ready",
    response={200: Ready, 503: Error},
    operation_id="ready",
    tags=[SITE],
    summary="Whether readers may be sent here",
)
def ready(request: HttpRequest):
    return json(Ready(status=readiness.status()))


@api.get("/stats", response={200: Stats, 503: Error}, operation_id="stats", tags=[SITE], summary="How much there is")
def stats(request: HttpRequest):
    clock = StreamClock.now()
    return json(Stats(totalMessages=clock.visible_total, latestTimestamp=clock.timestamp, cursor=clock.version))


@api.get(
    "/moderation",
    response={200: Moderation, 503: Error},
    operation_id="moderation",
    tags=[SITE],
    summary="What moderators did, in numbers",
)
def moderation(request: HttpRequest):
    """Counts only, at most a minute old."""
    return json(Moderation(days=[moderation_day(day) for day in tally.days()]))


@api.get(
    "/comments/{comment_id}",
    response={200: CommentForBots | CommentOut, (401, 404, 503): Error},
    operation_id="read_comment",
    tags=[READING],
    summary="One comment",
)
def read_comment(request: HttpRequest, comment_id: CommentId):
    return json(shown(table.one(comment_id), bot_of(request)))


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
    tags=[WRITING],
    summary="Post a comment",
)
def post_comment(request: HttpRequest, comment: CommentIn):
    """201: stored. 200: it had been stored already, by the same author under the same id. 202: it waits for a
    moderator. Each of them is sent after the commit."""
    bot = bot_of(request)
    if bot:
        bot.require(POST)
    posted = posting.post(comment.draft(), address_of(request), bot)
    is_held = posted.outcome == Outcome.HELD
    answer = Held(id=posted.comment.id, reason=posting.HELD_REASON) if is_held else shown(posted.comment, bot)
    return posted_answer(answer, posted)


@api.post(
    "/comments/{comment_id}/report",
    response={202: Reported, (400, 404, 413, 415, 422, 429, 503): Error},
    operation_id="report_comment",
    tags=[WRITING],
    summary="Tell the moderators of a comment",
)
def report_comment(request: HttpRequest, comment_id: CommentId, report: ReportIn):
    """Once for each author and comment: a second time changes nothing."""
    reports.report(comment_id, report.reason, report.note, address_of(request))
    return json(Reported(id=comment_id), 202)


# What only bots do


@api.patch(
    "/comments/{comment_id}",
    response={200: CommentForBots | CommentOut, work.REFUSALS: Error},
    operation_id="note_bot_params",
    tags=[WORK],
    summary="Note something in a comment's botParams (bots only)",
)
def note_bot_params(request: HttpRequest, comment_id: CommentId, note: BotParamsIn):
    """409 while another bot is at it: whoever has the lease sends it along."""
    bot = required_bot_of(request, CLAIM)
    comment = queue.note(comment_id, note.bot_params, note.lease, bot)
    return json(shown(comment, bot))


api.add_router("", work.router, tags=[WORK])
api.add_router("", moderating.router, tags=[MODERATING])


# The parts of an answer


def hot(request: HttpRequest, params: ListParams | ChangesParams) -> HttpResponse:
    """What the fast lane answers too, in the same way; here for everybody whom it lets pass."""
    bot = bot_of(request)
    if not settings.FAST_LANE and isinstance(params, ChangesParams):
        readers.polled()
    response = found(params, for_bots=sees_context(bot)).response(
        PRIVATE if bot else reads.cache_control(params),
        request.headers.get("If-None-Match", ""),
        request.headers.get("Accept-Encoding", ""),
    )
    headers = dict(response.headers)
    if response.status == 304:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(response.body, headers=headers)


def found(params: ListParams | ChangesParams, for_bots: bool) -> Representation:
    if params.needs_table:
        return reads.from_table(params, for_bots)
    snapshot = tail.recent() if isinstance(params, ListParams) and not params.fresh else tail.fresh().result()
    return reads.from_tail(params, snapshot, for_bots) or reads.from_table(params, for_bots)


def moderation_day(day: tally.Day) -> ModerationDay:
    return ModerationDay(
        day=day.day,
        hidden=day.done["hide"],
        restored=day.done["restore"],
        held=day.done["hold"],
        released=day.done["release"],
        erased=day.done["erase"],
        kept=day.done["keep"],
        bans=day.done["ban"],
        reports=day.reports,
        medianSeconds=day.median_seconds,
    )
