"""Create a bot."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from comments.bots import accounts
from comments.callers.bots import ACTS_PER_MINUTE, POSTS_PER_MINUTE, SCOPES, USUAL_SCOPES


class Command(BaseCommand):
    help = "Create a bot and show its token, this once: only a hash of it is kept."

    def add_arguments(self, parser):
        parser.add_argument("name", help="what it posts carries it")
        parser.add_argument("--color", default="", help="as in #ffb400; chosen by the name if it is missing")
        parser.add_argument("--operator", default="", help="who runs it, and how to reach them; everybody can read it")
        parser.add_argument("--purpose", default="", help="what for; everybody can read it")
        parser.add_argument("--scopes", nargs="+", choices=SCOPES, default=USUAL_SCOPES, metavar="SCOPE")
        parser.add_argument("--posts-per-minute", type=int, default=POSTS_PER_MINUTE)
        parser.add_argument(
            "--acts-per-minute", type=int, default=ACTS_PER_MINUTE, help="how many comments it may moderate"
        )
        parser.add_argument("--days", type=int, help="after which the token expires; it never does if this is missing")

    def handle(self, *args, name: str, days: int | None, **options):
        names = ("color", "operator", "purpose", "scopes", "posts_per_minute", "acts_per_minute")
        try:
            bot = accounts.create(name, **{field: options[field] for field in names})
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(bot.new_token(days=days))
