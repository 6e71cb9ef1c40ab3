"""Create an account for a moderator."""

import getpass
import sys

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from comments.desk import moderators


class Command(BaseCommand):
    help = "Create an account that may hide, restore, release and erase comments in /admin/, and nothing else."

    def add_arguments(self, parser):
        parser.add_argument("name")

    def handle(self, *args, name: str, **options):
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
        user.groups.add(moderators.ensure_group())
        self.stdout.write(f"{name} can log in at /admin/ now.")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password, again: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password
