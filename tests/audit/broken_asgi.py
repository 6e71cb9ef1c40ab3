"""The product with one thing broken, as daphne can serve it: `tests.audit.broken_asgi:NAME`. The audit must notice."""

from contextlib import contextmanager

from tests.audit.slow_asgi import application, slow_down  # first: it sets Django up

from comments.api import reads  # isort: skip
from comments.api.representation import Representation  # isort: skip
from comments.reading import table, tail  # isort: skip
from comments.stream.clock import StreamClock  # isort: skip
from comments.wire import entry as wire  # isort: skip
from django.db.backends.signals import connection_created  # isort: skip

connection_created.disconnect(slow_down)  # unless the test is about it

change_list = wire.change_list


def without_removals(after, cursor, changes, *more):
    return change_list(after, cursor, [change for change in changes if change.is_visible], *more)


def newest_of_a_limited_poll(params, after, snapshot, for_bots):
    comments = [entry for entry in snapshot.comments if entry.timestamp > after and params.lets_through(entry)]
    return Representation(wire.poll(comments[-(params.limit or reads.POLL_LIMIT) :]))


@contextmanager
def two_halves():
    """As it was: the clock in one statement, and then the rows."""
    yield StreamClock.now()


async def reads_in_two_halves(scope, receive, send):
    table.one_moment = tail.one_moment = two_halves
    connection_created.connect(slow_down)
    await application(scope, receive, send)


async def forgets_removals(scope, receive, send):
    wire.change_list = without_removals
    await application(scope, receive, send)


async def answers_with_the_newest(scope, receive, send):
    reads._poll = newest_of_a_limited_poll
    await application(scope, receive, send)
