"""The product with one thing broken, as daphne can serve it: `tests.audit.broken_asgi:NAME`. The audit must notice."""

from saywhat.asgi import application  # first: it sets Django up

from comments.api import reads  # isort: skip
from comments.wire import entry as wire  # isort: skip
from comments.api.representation import Representation  # isort: skip

change_list = wire.change_list


def without_removals(after, cursor, changes, has_more):
    return change_list(after, cursor, [change for change in changes if change.is_visible], has_more)


def newest_of_a_limited_poll(params, snapshot):
    comments = [entry for entry in snapshot.comments if entry.timestamp > params.after and params.lets_through(entry)]
    return Representation(wire.poll(comments[-(params.limit or reads.POLL_LIMIT) :]))


async def forgets_removals(scope, receive, send):
    wire.change_list = without_removals
    await application(scope, receive, send)


async def answers_with_the_newest(scope, receive, send):
    reads._poll = newest_of_a_limited_poll
    await application(scope, receive, send)
