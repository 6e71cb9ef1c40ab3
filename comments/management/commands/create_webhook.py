"""Create a webhook."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from comments.callers.bots import Bot
from comments.hooks import making
from comments.hooks.hook import Feed


class Command(BaseCommand):
    help = "Call a bot at an address whenever there is something for it, and show the secret that signs the calls."

    def add_arguments(self, parser):
        parser.add_argument("bot", help="the name of its account")
        parser.add_argument("url", help="as in https://bot.example/hook")
        parser.add_argument("--feed", choices=Feed.values, default=Feed.CHANGES, help="what it is told of")

    def handle(self, *args, bot: str, url: str, feed: str, **options):
        found = Bot.objects.filter(name=bot).first()
        if found is None:
            raise CommandError(f"There is no bot {bot}.")
        try:
            self.stdout.write(making.create(found, url, feed).secret)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
