"""The stream as lines of a file that can be imported again."""

from collections.abc import Iterator

from comments.stream.clock import one_moment
from comments.stream.comment import Comment
from comments.wire.schemas import CommentForBots

from .importing import CHUNK, Line


def lines(visible_only: bool = False) -> Iterator[Line]:
    """The stream, oldest first, in the format that can be imported again; then what never was in it.

    Read in chunks by timestamp, so that no long-lived reader keeps SQLite from tidying up its log. The end of the
    stream and what waits to enter it are of one moment: what is released between the two would be in neither.
    """
    rows = Comment.objects.visible() if visible_only else Comment.objects.all()
    last = -1
    while len(chunk := list(rows.after(last).oldest(CHUNK))) == CHUNK:
        yield from map(line_of, chunk)
        last = chunk[-1].timestamp
    with one_moment():
        end = [*rows.after(last).order_by("timestamp"), *rows.filter(timestamp=None).order_by("version")]
    yield from map(line_of, end)


def line_of(comment: Comment) -> Line:
    """The fields of the wire, those for bots too, and the state unless it is visible. No author key."""
    line = CommentForBots.of(comment).model_dump(by_alias=True)
    line["state"] = "" if comment.is_visible else comment.state
    line["staff"] = comment.staff or None
    return {name: value for name, value in line.items() if value is not None and (value != "" or name == "context")}
