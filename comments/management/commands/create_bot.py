"""Create a bot."""

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from comments.bots import Bot


class Command(BaseCommand):
    help = "Create a bot and show its token, this once: only a hash of it is kept."

    def add_arguments(self, parser):
        parser.add_argument("name")

    def handle(self, *args, name: str, **options):
        try:
            _, token = Bot.create(name)
        except IntegrityError as error:
            raise CommandError(f"There is a bot named {name} already.") from error
        self.stdout.write(token)
