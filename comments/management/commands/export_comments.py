"""Export the stream."""

import json

from django.core.management.base import BaseCommand

from comments.history import importing as history


class Command(BaseCommand):
    help = (
        "Write all comments to standard output, one JSON object a line, in the format that import_comments reads. "
        "Hidden, held and erased ones are among them, marked by their state."
    )

    def add_arguments(self, parser):
        parser.add_argument("--visible-only", action="store_true", help="only what everybody can read anyway")

    def handle(self, *args, visible_only: bool, **options):
        if hasattr(self.stdout, "reconfigure"):
            self.stdout.reconfigure(encoding="utf-8")  # whatever the terminal's: JSON is UTF-8
        for line in history.lines(visible_only):
            self.stdout.write(json.dumps(line, ensure_ascii=False))
