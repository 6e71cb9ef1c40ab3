"""The product on a slow database, as daphne can serve it: each statement of a read waits, so that everything that can
come between two of them does."""

import time

from saywhat.asgi import application  # noqa: F401, it sets Django up

from django.db.backends.signals import connection_created  # isort: skip

SLOW_SECONDS = 0.02


def slowly(execute, sql, params, many, context):
    if not context["connection"].in_atomic_block:  # a write is in one, and would keep all other writers waiting
        time.sleep(SLOW_SECONDS)
    return execute(sql, params, many, context)


def slow_down(sender, connection, **kwargs) -> None:
    if slowly not in connection.execute_wrappers:  # a pool connects again and again, and each time is told of here
        connection.execute_wrappers.append(slowly)


connection_created.connect(slow_down)
