"""Whether readers may be sent to this process. That it lives says `health`; this says more."""

from typing import Literal

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from comments.errors import Refused
from comments.outage import storing
from comments.reading.news import news
from comments.reading.tail import tail

LEAVING = Refused(503, "leaving", "This process is being stopped: ask another one.", 1)
NOT_MIGRATED = Refused(503, "not_migrated", "The database is older than the code: run bin/manage migrate.", 5)


class Migrations:
    are_applied = False  # once they are they stay


def status() -> Literal["ready", "read_only"]:
    """Readers may be sent here also while nothing can be stored: all processes would say the same."""
    refuse_unready()
    return "read_only" if storing.broken else "ready"


def refuse_unready() -> None:
    """Raises Refused (503): the process is leaving, the database is not migrated, or the tail cannot be read."""
    if news.is_leaving:
        raise LEAVING
    if not Migrations.are_applied:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise NOT_MIGRATED
        Migrations.are_applied = True
    tail.fresh().result()
