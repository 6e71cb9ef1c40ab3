"""Let somebody sign in who has lost the second factor."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from comments.desk import second_factor


class Command(BaseCommand):
    help = "Take the second factor of an account away, of who has lost it: the password is enough then."

    def add_arguments(self, parser):
        parser.add_argument("name")

    def handle(self, *args, name: str, **options):
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name}.")
        if not second_factor.take_away([user.pk]):
            raise CommandError(f"{name} has no second factor.")
        self.stdout.write(f"{name} signs in by password alone now.")
