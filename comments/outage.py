"""What is gone, said once; and that it is back, said once. A log with a line for each request says less."""

import logging


class Outage:
    """Of something that may be reached in several ways. `gone` has a place for the kind of the first error."""

    def __init__(self, log: logging.Logger, gone: str, back: str) -> None:
        self.log = log
        self.gone = gone
        self.back = back
        self.broken: set[str] = set()

    def fails(self, way: str, error: Exception) -> None:
        if not self.broken:
            self.log.error(self.gone, type(error).__name__)
        self.broken.add(way)

    def works(self, way: str) -> None:
        if self.broken == {way}:
            self.log.error(self.back)
        self.broken.discard(way)


DATABASE = "database"
database = Outage(
    logging.getLogger("comments.database"),
    "The database does not answer (%s): readers are told 503 until it does.",
    "The database answers again.",
)
