"""Import history from a file."""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from comments.errors import Refused
from comments.history import files, importing
from comments.stream.comment import Comment


class Command(BaseCommand):
    help = "Import comments from a file, or from standard input for -. Doing it twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument(
            "file", help='lines of JSON, an array, or {"comments": […]}; .gz too; - for standard input'
        )

    def handle(self, *args, file: str, **options):
        total = importing.Stored()
        with _open(file) as raw, _progress(raw) as read:
            for batch in _batches(self._comments(read, total)):
                stored = importing.store(batch)
                total.added += stored.added
                total.known += stored.known
                total.in_seconds += sum((comment.timestamp or 0) in importing.SECONDS for _, comment in batch)
                self._refuse(total, stored.refused)
        self._warn(total)
        self.stdout.write(f"{total.added} imported, {total.known} already there, {len(total.refused)} left out")
        if total.refused:
            raise CommandError(f"{len(total.refused)} could not be imported: see above")

    def _comments(self, read: BinaryIO, total: importing.Stored) -> Iterator[tuple[int, Comment]]:
        reader = importing.LineReader()
        for number, value in files.values(read):
            try:
                if isinstance(value, Refused):
                    raise value
                yield number, reader.comment(value)
            except Refused as refused:
                self._refuse(total, [(number, refused.sentence)])

    def _warn(self, total: importing.Stored) -> None:
        if total.in_seconds:
            self.stderr.write(
                f"Warning: {total.in_seconds} comments say that they are from January 1970. If their times are in "
                "seconds, multiply them by 1000 and import them again, into an empty database."
            )

    def _refuse(self, total: importing.Stored, refused: list[tuple[int, str]]) -> None:
        total.refused += refused
        for number, reason in refused:
            self.stderr.write(f"line {number}: {reason}")


def _open(file: str) -> BinaryIO:
    try:
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) if file == "-" else open(file, "rb", 0)
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from error


def _progress(raw: BinaryIO):
    """The file, with a bar on a terminal that shows how far it has been read."""
    size = os.fstat(raw.fileno()).st_size or None
    bar = {"unit": "B", "unit_scale": True, "desc": "Importing", "disable": None}
    return tqdm.wrapattr(raw, "read", total=size, **bar)


def _batches(comments: Iterator[tuple[int, Comment]]) -> Iterator[list[tuple[int, Comment]]]:
    batch = []
    for comment in comments:
        batch.append(comment)
        if len(batch) == importing.CHUNK:
            yield batch
            batch = []
    yield batch
