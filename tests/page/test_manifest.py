"""What others learn of the page: phones that keep it, and programs that show a link to it."""

import re
import struct

import pytest
from django.test import Client

from tests.support.declared_settings import ROOT


def size_of(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def test_the_page_can_be_installed_and_no_worker_keeps_an_old_one(db, settings):
    settings.SITE_NAME = 'The "Bread" People'
    page = Client().get("/")
    manifest = Client().get(re.search(r'rel="manifest" href="([^"]+)"', page.content.decode())[1])
    assert manifest["Content-Type"] == "application/manifest+json"
    described = manifest.json()
    assert (described["name"], described["start_url"]) == ('The "Bread" People', "/")
    assert manifest.cookies == {}
    assert not any("serviceWorker" in script.read_text() for script in (ROOT / "static/js").rglob("*.js"))


@pytest.mark.django_db
def test_every_icon_is_there_and_as_large_as_it_is_said_to_be():
    icons = Client().get("/manifest.webmanifest").json()["icons"]
    assert {icon["type"] for icon in icons} == {"image/svg+xml", "image/png"}
    for icon in icons:
        drawn = (ROOT / icon["src"].lstrip("/")).read_bytes()
        if icon["type"] == "image/png":
            assert "{}x{}".format(*size_of(drawn)) == icon["sizes"]


def test_a_link_to_the_page_is_shown_with_its_name_what_it_is_and_its_own_picture(db, settings):
    settings.SITE_ABOUT = "Bread & <b>butter</b>"
    html = Client().get("/").content.decode()
    metas = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', html))
    assert metas["og:title"] == settings.SITE_NAME
    assert metas["og:description"] == metas["description"] == "Bread &amp; &lt;b&gt;butter&lt;/b&gt;"
    picture = metas["og:image"]
    assert picture.startswith("http://testserver/static/")
    assert size_of((ROOT / picture.removeprefix("http://testserver/")).read_bytes()) == (1200, 630)
