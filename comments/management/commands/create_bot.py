"""Create a bot."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from comments.callers.bots import Bot


class Command(BaseCommand):
    help = "Create a bot and show its token, this once: only a hash of it is kept."

    def add_arguments(self, parser):
        parser.add_argument("name")

    def handle(self, *args, name: str, **options):
        try:
            Bot(name=name).full_clean(exclude=["token_hash"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        _, token = Bot.create(name)
        self.stdout.write(token)
