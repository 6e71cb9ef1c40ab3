"""Sessions at a real database that stop between their statements, so that a test can put others in between."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

from django.db import connection

WAIT_SECONDS = 30


class Session(threading.Thread):
    """A connection of its own. It works through tasks, and stops at each gate until it is let on."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.tasks: SimpleQueue[Callable | None] = SimpleQueue()
        self.may_go_on = threading.Semaphore(0)
        self.stands = threading.Event()  # at a gate, or idle
        self.is_busy = False
        self.failure: BaseException | None = None
        self.pid = 0

    def run(self) -> None:
        connection.ensure_connection()
        self.pid = connection.connection.info.backend_pid if connection.vendor == "postgresql" else 0
        self.stands.set()
        with connection.execute_wrapper(self.gate):
            while task := self.tasks.get():
                try:
                    task()
                except BaseException as error:  # the test must see it, whatever it is
                    self.failure = error
                self.is_busy = False
                self.stands.set()
        connection.close()

    def gate(self, execute, sql, params, many, context):
        if self.stops_before(sql):
            self.stop()
        result = execute(sql, params, many, context)
        if self.stops_after(sql):
            self.stop()
        return result

    def stops_before(self, sql: str) -> bool:
        """At each statement, unless a kind of session knows better."""
        return True

    def stops_after(self, sql: str) -> bool:
        return False

    def stop(self) -> None:
        self.stands.set()
        assert self.may_go_on.acquire(timeout=WAIT_SECONDS)

    def begin(self, task: Callable) -> None:
        """Give it a task; it stands before the task's first step then."""
        self.is_busy = True
        self.stands.clear()
        self.tasks.put(task)
        self.wait()

    def step(self) -> None:
        self.stands.clear()
        self.may_go_on.release()

    def wait(self) -> None:
        assert self.stands.wait(WAIT_SECONDS)
        if self.failure:
            raise self.failure
