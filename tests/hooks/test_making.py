"""Webhooks at the desk and by the command: who makes one, what it may be, and that its secret is shown once."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from comments.hooks.hook import Hook
from comments.hooks.making import is_address
from tests.support.cast import everything_stored, logged_in

pytestmark = pytest.mark.django_db


def secret_in(page) -> str:
    found = re.search(r'<code class="bot__token">([^<]+)</code>', page.text)
    return found[1] if found else ""


@pytest.fixture
def page(administrator, bot):
    """Sends a form of the bot's page of webhooks."""
    browser = logged_in(administrator)

    def page(**fields):
        path = f"/admin/bots/{bot.pk}/hooks/"
        return browser.post(path, fields, follow=True) if fields else browser.get(path)

    return page


def test_an_administrator_makes_one_exchanges_its_secret_switches_and_removes_it(page, bot):
    first = secret_in(page(url="https://bot.example/hook", feed="changes"))
    hook = Hook.objects.get()
    assert (hook.bot, hook.secret, hook.is_active) == (bot, first, True)
    assert first.startswith("whsec_")
    assert first not in page().text
    second = secret_in(page(do=f"secret:{hook.pk}"))
    assert second not in ("", first)
    assert Hook.objects.get().secret == second
    page(do=f"off:{hook.pk}")
    assert not Hook.objects.get().is_active
    page(do=f"on:{hook.pk}")
    assert Hook.objects.get().is_active
    page(do=f"remove:{hook.pk}")
    assert not Hook.objects.exists()


def test_its_secret_is_in_no_copy_of_the_database_and_it_begins_now(page, post):
    newest = post().version
    secret = secret_in(page(url="https://bot.example/", feed="work"))
    stored = everything_stored()
    assert "https://bot.example/" in stored
    assert secret.removeprefix("whsec_") not in stored
    assert Hook.objects.get().cursor == newest


def test_a_moderator_makes_none_and_another_bots_is_not_reached(desk, page, bot, make_bot):
    page(url="https://bot.example/", feed="changes")
    hook, (other, _) = Hook.objects.get(), make_bot("other")
    assert desk.get(f"/admin/bots/{bot.pk}/hooks/").status_code == 403
    assert desk.post(f"/admin/bots/{bot.pk}/hooks/", {"do": f"remove:{hook.pk}"}).status_code == 403
    for do in ("remove:999", "remove:x", "explode:1", f"explode:{hook.pk}"):
        assert page(do=do).status_code == 404
    Hook.objects.update(bot=other)
    assert page(do=f"remove:{hook.pk}").status_code == 404
    assert Hook.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bot.example",
        "ftp://bot.example/",
        "https://",
        "https:///x",
        "https://user:secret@bot.example/",
        "https://@bot.example/",
        "https://bot.example/#x",
        "https://bot.example:99999/",
        "https://bot.example:0/",
        "https://bot.example:x/",
        "https://bot.example/\r\nX-Header: x",
        "https://bot.example/a b",
        "https://böt.example/",
        "https://" + "x" * 64 + ".example/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_is_refused(url):
    assert not is_address(url)


def test_what_a_bot_may_not_be_told_is_refused(page):
    assert "lacks the scope" in page(url="https://bot.example/", feed="states").text
    assert "no address" in page(url="ftp://bot.example/", feed="changes").text
    assert "valid choice" in page(url="https://bot.example/", feed="everything").text
    assert not Hook.objects.exists()


def test_the_command_makes_one_too(bot):
    said = StringIO()
    call_command("create_webhook", "echo", "https://bot.example/", "--feed", "work", stdout=said)
    assert said.getvalue().strip() == Hook.objects.get().secret
    for wrong in (("nobody", "https://bot.example/"), ("echo", "ftp://x/")):
        with pytest.raises(CommandError):
            call_command("create_webhook", *wrong)
