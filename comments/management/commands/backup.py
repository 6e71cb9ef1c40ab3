"""Back up the database."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from comments.upkeep import backup
from comments.upkeep.impossible import Impossible

BAR = {"unit": "B", "unit_scale": True, "disable": None}  # on a terminal


class Command(BaseCommand):
    help = "Write the whole database to a file, while the site runs. restore brings it back."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the file to write; there must be none of this name yet")

    def handle(self, *args, file: Path, **options):
        try:
            with tqdm(desc="Backing up", **BAR) as bar:
                backup.back_up(file.absolute(), bar)
        except Impossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} has all that was committed when this began: {file.stat().st_size:,} bytes.")
