"""Create an account for a moderator, or an administrator."""

import getpass
import sys

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from comments.desk import roles


class Command(BaseCommand):
    help = (
        "Create an account for the desk in /admin/: may hide, restore, release and erase comments, and ban for a time."
    )

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument(
            "--administrator", action="store_true", help="may also ban for good, make moderators, and switch bots off"
        )

    def handle(self, *args, name: str, administrator: bool, **options):
        user = User(username=name, is_staff=True)
        try:
            user.clean_fields(exclude=["password"])
            user.validate_unique()
            password = _ask_password()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        roles.appoint(user, roles.ADMINISTRATORS if administrator else roles.MODERATORS)
        self.stdout.write(f"{name} can log in at /admin/ now.")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password, again: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password
