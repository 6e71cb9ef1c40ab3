"""Restore the database from a backup."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from tqdm import tqdm

from comments.upkeep import backup
from comments.upkeep.impossible import Impossible

from .backup import BAR

WARNING = "All that the database holds now will be replaced by {file}. Type yes to go on: "


class Command(BaseCommand):
    help = "Put a backup in the place of the database. Open pages and bots load afresh, so nobody shows what is gone."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="what backup has written")
        parser.add_argument("--no-input", action="store_false", dest="asks", help="do not ask first")

    def handle(self, *args, file: Path, asks: bool, **options):
        if asks and input(WARNING.format(file=file)) != "yes":
            raise CommandError("Nothing was restored.")
        try:
            with tqdm(desc="Restoring", **BAR) as bar:
                backup.restore(file.absolute(), bar)
        except Impossible as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        self._make_current(file)
        call_command("check_stream", stdout=self.stdout, stderr=self.stderr)

    def _make_current(self, file: Path) -> None:
        """A backup may be older than the code, and then it is migrated; it must not be newer."""
        loader = MigrationLoader(connection)
        if unknown := loader.applied_migrations.keys() - loader.disk_migrations.keys():
            names = ", ".join(sorted(".".join(migration) for migration in unknown))
            raise CommandError(f"{file} is of a newer version than this code ({names}): update the code.")
        call_command("migrate", verbosity=0)
