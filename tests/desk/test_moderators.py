"""The commands that make moderators and bots."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command

from comments.callers.bots import hash_of
from comments.desk import roles
from comments.models import Bot, Token
from tests.support.cast import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def create_moderator(fast_passwords, monkeypatch):
    """Runs the command with a password on standard input; returns what it says."""

    def create_moderator(name: str, password: str = PASSWORD, *options: str) -> str:
        out = StringIO()
        monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))
        call_command("create_moderator", name, *options, stdout=out)
        return out.getvalue()

    return create_moderator


def test_a_moderator_may_log_in_and_moderate_and_nothing_else(create_moderator):
    assert create_moderator("mo") == "mo can log in at /admin/ now.\n"
    user = User.objects.get()
    assert (user.username, user.is_staff, user.is_superuser, user.is_active) == ("mo", True, False, True)
    assert user.check_password(PASSWORD)
    assert user.get_all_permissions() == set(roles.DESK)


def test_an_administrator_may_do_more_and_is_no_superuser(create_moderator):
    assert create_moderator("ad", PASSWORD, "--administrator") == "ad can log in at /admin/ now.\n"
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert user.get_all_permissions() == set(roles.PERMISSIONS[roles.ADMINISTRATORS]) > set(roles.DESK)


@pytest.mark.parametrize(
    "password",
    ["", "short", "password123", "12345678901", "moderator-mo", "qwertyuiop"],
    ids=lambda password: password or "empty",
)
def test_a_weak_password_is_refused_and_no_account_made(password, create_moderator):
    with pytest.raises(CommandError):
        create_moderator("moderator-mo", password)
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["", "a b", "x" * 151, "mo\n", "<b>"])
def test_a_name_that_is_none_is_refused(name, create_moderator):
    with pytest.raises(CommandError):
        create_moderator(name)
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_refused_and_the_account_left_alone(create_moderator):
    create_moderator("mo")
    with pytest.raises(CommandError, match="already exists"):
        create_moderator("mo", "another long enough phrase")
    assert User.objects.get().check_password(PASSWORD)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_the_password_is_asked_for_twice(fast_passwords, monkeypatch):
    answers = iter([PASSWORD, "a mistyped phrase", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(CommandError, match="not the same"):
        call_command("create_moderator", "mo")
    assert not User.objects.exists()
    call_command("create_moderator", "mo", stdout=StringIO())
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("role", roles.PERMISSIONS)
def test_each_migration_gives_a_role_its_permissions_and_no_others(role):
    group = Group.objects.get(name=role)
    group.permissions.set(Permission.objects.filter(codename__in=["delete_user", "view_comment"]))
    call_command("migrate", verbosity=0)
    given = {f"{permission.content_type.app_label}.{permission.codename}" for permission in group.permissions.all()}
    assert given == set(roles.PERMISSIONS[role])


def test_the_token_of_a_bot_is_shown_once_and_only_its_hash_is_kept():
    out = StringIO()
    call_command("create_bot", "echo", stdout=out)
    token = out.getvalue().strip()
    bot = Bot.objects.get()
    assert len(token) >= 43
    assert (bot.name, bot.is_active, bot.tokens.get().hash) == ("echo", True, hash_of(token))
    assert token not in repr([*Bot.objects.values(), *Token.objects.values()])


@pytest.mark.parametrize(
    ("name", "reason"),
    [("echo", "already exists"), ("", "required"), ("x" * 17, "longer than 16"), ("a\u202eb", "invisible")],
)
def test_a_bot_needs_a_name_of_its_own(name, reason, bot):
    with pytest.raises(CommandError, match=reason):
        call_command("create_bot", name, stdout=StringIO())
    assert Bot.objects.get() == bot
