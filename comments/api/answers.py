"""What several operations share: the id in an address, and answers with a comment in them."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Path

from comments.callers.bots import Bot
from comments.stream.comment import Comment
from comments.wire.schemas import EXAMPLE_ID, CommentForBots, CommentOut, example
from comments.writing.posting import Outcome, Posted

from .caller import sees_context
from .response import json, with_headers

STATUS_OF = {Outcome.STORED: 201, Outcome.REPEATED: 200, Outcome.HELD: 202}
CommentId = Annotated[str, Path(description="The id of a comment.", **example(EXAMPLE_ID))]


def shown(comment: Comment, bot: Bot | None) -> CommentOut:
    """As whoever asks may see it."""
    return (CommentForBots if sees_context(bot) else CommentOut).of(comment)


def posted_answer(content: object, posted: Posted) -> HttpResponse:
    """With what the author may still post."""
    response = json(content, STATUS_OF[posted.outcome])
    return with_headers(response, posted.allowance.headers) if posted.allowance else response
