"""Comments as JSON bytes, made once; and the bodies that are put together from them.

The fast lane and the API's operations share these, so that both doors give the same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from django.conf import settings
from pydantic import TypeAdapter

from comments.stream.clock import StreamClock
from comments.stream.comment import Comment

from .schemas import Announcement, CommentOut

anything = TypeAdapter(object)


def to_bytes(content: object) -> bytes:
    """JSON of schemas, and of what is made of them."""
    return anything.dump_json(content, by_alias=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment as it is in the stream, ready to be sent."""

    id: str
    version: int
    bots_version: int
    timestamp: int
    domain: str
    message_type: str
    is_visible: bool
    is_work: bool  # it asks bots for an answer
    comment: bytes  # its JSON, or nothing when it is not visible
    private: bytes  # what bots see besides, in the same way

    @classmethod
    def of(cls, comment: Comment) -> Self:
        return cls(
            comment.id,
            comment.version,
            comment.bots_version,
            comment.timestamp or 0,
            comment.domain,
            comment.message_type,
            comment.is_visible,
            comment.is_visible and comment.work is not None,
            to_bytes(CommentOut.of(comment)) if comment.is_visible else b"",
            to_bytes({"context": comment.context, "botParams": comment.bot_params}) if comment.is_visible else b"",
        )

    @property
    def for_bots(self) -> Self:
        """The same as bots see it: with more in it, and changed when a bot has noted something."""
        comment = b"%s,%s" % (self.comment[:-1], self.private[1:]) if self.is_visible else b""
        return replace(self, version=self.bots_version, comment=comment)

    @property
    def change(self) -> bytes:
        """The JSON of its last change."""
        if self.is_visible:
            return b'%s,"version":%d}' % (self.comment[:-1], self.version)
        return to_bytes({"id": self.id, "version": self.version, "removed": True})


def comment_list(
    comments: Iterable[Entry], clock: StreamClock, has_more: bool, users: str = "", has_newer: bool | None = None
) -> bytes:
    """As of the moment of this clock, with what is announced. With `users`, those that were asked for, in the words
    that pages of the first version look for; and whether there are newer comments, if that is not clear from the
    question."""
    newer = b"" if has_newer is None else b',"hasNewer":%s' % boolean(has_newer)
    asked = b',"serverSideSearch":true,"query":%s' % to_bytes(users) if users else b""
    announced = b',"announcement":%s' % announcement(clock) if clock.is_announcing else b""
    found = poll(comments), clock.visible_total, boolean(has_more), clock.version, newer, asked, announced
    return b'{"comments":%s,"total":%d,"hasMore":%s,"cursor":%d%s%s%s}' % found


def poll(comments: Iterable[Entry]) -> bytes:
    return b"[%s]" % b",".join([entry.comment for entry in comments])


def change_list(after: int, cursor: int, changes: Iterable[Entry], has_more: bool, more: bytes = b"") -> bytes:
    """`more`: what else is told, as JSON that begins with a comma."""
    return b'{"after":%d,"cursor":%d,"changes":[%s],"hasMore":%s,"pollAfterMs":%d%s}' % (
        after,
        cursor,
        b",".join([entry.change for entry in changes]),
        boolean(has_more),
        settings.POLL_AFTER_MS,
        more,
    )


def announcement(clock: StreamClock) -> bytes:
    """What stands above the stream; null if nothing does any more."""
    if not clock.is_announcing:
        return b"null"
    return to_bytes(Announcement(text=clock.announcement, until=clock.announced_until))


def boolean(value: bool) -> bytes:
    return b"true" if value else b"false"
