"""In which language the page speaks, and that it says all it has to say there."""

import gettext
import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from comments.page import language
from tests.support.declared_settings import ROOT

GERMAN = ROOT / "locale/de/LC_MESSAGES"
MARKUP = [ROOT / "templates/base.html", ROOT / "templates/503.html", *(ROOT / "templates/comments").glob("*.html")]
SCRIPTS = [path for path in (ROOT / "static/js").rglob("*.js") if "desk" not in path.parts]
ENTRY = re.compile(r'^msgid "(.+)"\nmsgstr "(.*)"$', re.MULTILINE)
TRANSLATED = re.compile(r'\{% translate "([^"]+)" %\}|\{% blocktranslate %\}(.+?)\{% endblocktranslate %\}')
GETTEXT = re.compile(r'gettext\("([^"]+)"\)')
SAID_BY_SCRIPT = re.compile(r'\bt\(\s*"([^"]+)"|counted\(\s*\w+,\s*"([^"]+)",\s*"([^"]+)"')


@pytest.fixture
def page(db):
    """GET the page: `page("?lang=de", accept_language="de")`."""
    return lambda query="", **headers: Client().get(f"/{query}", headers=headers)


def spoken_in(response) -> str:
    return re.search(r'<html lang="([^"]+)"', response.content.decode())[1]


@pytest.mark.parametrize(
    ("query", "accepted", "expected"),
    [
        ("", None, "en"),
        ("", "de", "de"),
        ("", "de-AT,en;q=0.5", "de"),
        ("", "fr,de;q=0.8,en;q=0.9", "en"),
        ("", "de;q=0,en", "en"),
        ("", "tlh", "en"),
        ("", "*", "en"),
        ("", "x" * 5000, "en"),
        ("?lang=de", "en", "de"),
        ("?lang=en", "de", "en"),
        ("?lang=../../etc", "de", "de"),
        ("?lang=DE", "en", "de"),
    ],
)
def test_the_address_says_in_which_language_or_else_the_browser(page, query, accepted, expected):
    response = page(query, **({"accept_language": accepted} if accepted else {}))
    assert spoken_in(response) == expected


def test_no_cookie_says_so_and_a_cache_keeps_languages_apart(page):
    response = page(cookie="django_language=de")
    assert spoken_in(response) == "en"
    assert response.cookies == {}
    assert "Accept-Language" in response["Vary"]


def test_only_another_language_brings_phrases_along(page):
    assert 'id="phrases"' not in page().content.decode()
    brought = re.search(r'<template id="phrases">(.+?)</template>', page("?lang=de").content.decode())[1]
    assert json.loads(unescape(brought))["Newest"] == "Neueste"


def test_without_a_script_the_language_stays(db, no_limits):
    form = {"text": "Guten Tag", "username": "Ada"}
    posted = Client().post("/?lang=de", form, headers={"sec-fetch-site": "same-origin"})
    assert posted.status_code == 415
    body = "text=&username=Ada"
    refused = Client().post(
        "/?lang=de", body, "application/x-www-form-urlencoded", headers={"sec-fetch-site": "same-origin"}
    )
    assert "Der Text braucht mindestens ein sichtbares Zeichen." in refused.content.decode()
    assert 'action="/?lang=de"' in refused.content.decode()
    done = Client().post(
        "/?lang=de",
        "text=Hallo&username=Ada",
        "application/x-www-form-urlencoded",
        headers={"origin": "null"} | {"sec-fetch-site": "same-origin"},
    )
    assert done["Location"] == "/?username=Ada&lang=de"


def test_a_number_in_a_sentence_may_be_any(settings):
    with language.translation.override("de"):
        assert language.said("The text is longer than 77 characters.") == "Der Text ist länger als 77 Zeichen."
        assert language.said("Nobody has said this in 5 languages.") == "Nobody has said this in 5 languages."


def entries(domain: str) -> dict[str, str]:
    return dict(ENTRY.findall((GERMAN / f"{domain}.po").read_text()))


def found(pattern: re.Pattern, paths: list[Path]) -> set[str]:
    matches = (match for path in paths for match in pattern.finditer(path.read_text()))
    return {phrase for match in matches for phrase in match.groups() if phrase}


def test_german_has_every_phrase_of_the_markup():
    said = found(TRANSLATED, MARKUP) | found(GETTEXT, [ROOT / "comments/templatetags/stream.py"])
    said = {re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", phrase) for phrase in said}
    assert len(said) > 50
    assert said - entries("django").keys() == set()


def test_german_has_every_phrase_of_the_script():
    said = found(SAID_BY_SCRIPT, SCRIPTS)
    assert len(said) > 40
    assert said - entries("djangojs").keys() == set()


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_what_is_compiled_is_what_is_written_with_the_same_places_for_values(domain):
    written = entries(domain)
    compiled = gettext.translation(domain, ROOT / "locale", ["de"])
    assert {phrase: compiled.gettext(phrase) for phrase in written} == written
    places = re.compile(r"\{\w+\}|%\(\w+\)s")
    for phrase, text in written.items():
        assert sorted(places.findall(phrase)) == sorted(places.findall(text)) and text, phrase
