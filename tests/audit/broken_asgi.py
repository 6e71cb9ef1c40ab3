"""The product with one thing broken, as daphne can serve it: `tests.audit.broken_asgi:NAME`. The audit must notice."""

from saywhat.asgi import application  # first: it sets Django up

from comments.api import feed  # isort: skip
from comments.wire import entry as wire  # isort: skip
from comments.api.replies import Answer  # isort: skip

change_list = wire.change_list


def without_removals(after, cursor, changes, has_more):
    return change_list(after, cursor, [change for change in changes if change.is_visible], has_more)


def newest_of_a_limited_poll(params, snapshot):
    comments = [entry for entry in snapshot.comments if entry.timestamp > params.after and params.lets_through(entry)]
    return Answer(wire.poll(comments[-(params.limit or feed.POLL_LIMIT) :]))


async def forgets_removals(scope, receive, send):
    wire.change_list = without_removals
    await application(scope, receive, send)


async def answers_with_the_newest(scope, receive, send):
    feed._poll_from_tail = newest_of_a_limited_poll
    await application(scope, receive, send)
