"""What a hook is told next, and how that is signed: by the convention of Standard Webhooks (standardwebhooks.com).

A message has one change. Its id is made of the hook and the change's version, so whoever gets it twice can tell.
"""

import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from comments.errors import Refused
from comments.reading import table
from comments.reading.table import Changes
from comments.stream.clock import StreamClock
from comments.stream.comment import Comment
from comments.wire.entry import Entry, to_bytes
from comments.wire.schemas import CommentWithState

from .hook import Feed, Hook

PAGE = 50  # changes that are looked through at a time
TYPES = {Feed.CHANGES: "change", Feed.WORK: "work", Feed.STATES: "state"}
RESTARTED = "restarted"
PREFIX = "whsec_"


@dataclass(frozen=True)
class Message:
    id: str
    body: bytes
    cursor: int  # of a hook that has been told


def next_of(hook: Hook) -> Message | None:
    """The first message after its cursor; None if there is nothing yet. Moves the cursor past what it is not told.

    Raises Refused (503) if the table takes too long."""
    while True:
        try:
            found = _changes_after(hook)
        except Refused as refused:
            if refused.status != 410:
                raise
            return _restarted(hook)
        for comment in found.comments:
            if _is_told(hook, comment):
                return _message(hook, comment)
        hook.cursor = found.cursor
        if not found.has_more:
            return None


def headers_of(message: Message, secret: str, now: int) -> dict[str, str]:
    """`now` is in seconds since 1970: a receiver refuses what was signed long ago."""
    signed = f"{message.id}.{now}.".encode() + message.body
    signature = hmac.digest(b64decode(secret.removeprefix(PREFIX)), signed, "sha256")
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }


def _changes_after(hook: Hook) -> Changes:
    return table.changes(hook.cursor, PAGE, private=hook.feed == Feed.STATES, for_bots=_follows_notes(hook))


def _follows_notes(hook: Hook) -> bool:
    """What bots note is a change for those who can see it; and it may ask for an answer again."""
    return hook.feed == Feed.WORK or (hook.feed == Feed.CHANGES and hook.sees_context)


def _is_told(hook: Hook, comment: Comment) -> bool:
    return hook.feed != Feed.WORK or (comment.is_visible and comment.work is not None)


def _message(hook: Hook, comment: Comment) -> Message:
    version = comment.bots_version if _follows_notes(hook) else comment.version
    return _made(hook, TYPES[Feed(hook.feed)], version, _data(hook, comment))


def _data(hook: Hook, comment: Comment) -> bytes:
    """As the feed's envelopes have it."""
    if hook.feed == Feed.STATES:
        return to_bytes(CommentWithState.of(comment))
    entry = Entry.of(comment)
    return (entry.for_bots if hook.sees_context else entry).change


def _restarted(hook: Hook) -> Message:
    """The stream was restored, or the hook has slept past the floor: its bot loads the list afresh."""
    version = StreamClock.now().version
    return _made(hook, RESTARTED, version, to_bytes({"cursor": version}))


def _made(hook: Hook, kind: str, version: int, data: bytes) -> Message:
    at = datetime.fromtimestamp(version / 1e6, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    body = b'{"type":"%s","timestamp":"%s","data":%s}' % (kind.encode(), at.encode(), data)
    return Message(f"msg_{hook.pk}_{version}", body, version)
