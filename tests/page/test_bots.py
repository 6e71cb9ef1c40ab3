"""Who runs a bot and what for: a page for everybody, to which each of its comments leads."""

import re
from html import unescape
from urllib.parse import unquote

import pytest

from comments.models import Comment
from comments.text.cleaning import Draft
from comments.writing.posting import post as store

pytestmark = pytest.mark.django_db

AWKWARD = "a/b?#&\"'<ü%:+"


def badges(response) -> list[str]:
    """Where those of the comments lead, as a browser would ask for it."""
    html = response.content.decode().split("<template")[0]
    return re.findall(r'<a class="comment__badge"[^>]* href="([^"]*)"', html)


@pytest.fixture
def said(make_bot):
    """What a bot with an awkward name has said."""
    from ipaddress import ip_address

    bot, _ = make_bot(AWKWARD, operator="Ada <ada@example.org>", purpose="Answers. https://example.org/bots")
    return store(Draft(text="beep", username="x"), ip_address("203.0.113.9"), bot).comment


def test_R57_the_badge_leads_to_who_runs_the_bot_and_what_for(api, said, post):
    post("by a person")
    page = api.get("/")
    [address] = badges(page)
    assert badges(api.get(f"/c/{said.pk}")) == [address]
    address = unescape(address)
    assert unquote(address) == f"/bots/{AWKWARD}"
    shown = api.get(address)
    html = shown.content.decode()
    assert shown.status_code == 200
    assert "Ada &lt;ada@example.org&gt;" in html
    assert 'href="https://example.org/bots"' in html
    assert "post comments" in html
    assert "ban for a time" not in html
    assert (shown["Cache-Control"], shown.cookies) == ("no-cache", {})
    assert "script-src 'self'" in shown["Content-Security-Policy"]
    its_own = api.get(unescape(re.search(r'href="(/\?u=[^"]*)"', html)[1])).content.decode()
    assert re.findall(r'<p class="comment__text"[^>]*>([^<]*)', its_own.split("<template")[0]) == ["beep"]


def test_nothing_of_a_bot_is_told_that_is_not_for_everybody(api, make_bot):
    _, token = make_bot("echo", posts_per_minute=77)
    html = api.get("/bots/echo", authorization=f"Bearer {token}").content.decode()
    assert token not in html
    assert "77" not in html
    assert html.count("Nobody has said.") == 2


def test_a_bot_that_is_off_says_so_and_speaks_the_visitors_language(api, make_bot):
    bot, _ = make_bot("echo")
    bot.is_active = False
    bot.save()
    assert "It is switched off." in api.get("/bots/echo").content.decode()
    assert "Er ist abgeschaltet." in api.get("/bots/echo", accept_language="de").content.decode()


@pytest.mark.parametrize("name", ["nobody", "ECHO", "%00", "é", "x" * 300, "'--", "a%20b", "%0A"])
def test_a_name_without_an_account_is_not_here(name, api, make_bot):
    make_bot("echo")
    response = api.get(f"/bots/{name}")
    assert response.status_code == 404
    if name != "%0A":
        assert "No bot of this name" in response.content.decode()


def test_imported_comments_may_have_any_name(api, post):
    from comments.history import importing

    line = {"id": "old", "timestamp": 1, "username": "two\nlines", "text": "Hi", "message-type": "AI"}
    importing.store([(1, importing.LineReader().comment(line))])
    assert Comment.objects.count() == 1
    assert badges(api.get("/c/old")) == ["/bots/two%0Alines"] or badges(api.get("/c/old")) == ["/bots/two%20lines"]


@pytest.mark.parametrize("name", [".", ".."])
def test_no_bot_has_a_name_that_no_address_reaches(name, make_bot):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        make_bot(name)
