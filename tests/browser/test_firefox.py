"""What the page is there for, in Firefox: read, write, hear of others at once, keep one's place, and lose nothing."""

import json

import pytest

from tests.browser.conftest import UNLIMITED, history, import_into
from tests.support import needs
from tests.support.firefox import Firefox, Tab

ITEMS = "[...document.querySelectorAll('#comments .comment__text')]"
TEXTS = f"{ITEMS}.map((text) => text.textContent)"
LIVE = "document.querySelector('#connection').textContent === 'Live'"
WAITING = "document.querySelector('#waiting').checkVisibility()"
# Firefox scrolls smoothly: a wheel that has been turned moves the stream for a while.
AT_REST = """(() => {
  const { scrollTop } = document.querySelector("#stream");
  const [before, since] = window.rest ?? [];
  if (scrollTop !== before) window.rest = [scrollTop, performance.now()];
  return scrollTop === before && performance.now() - since > 300;
})()"""
PLACES = f"{ITEMS}.map((text) => text.getBoundingClientRect().top)"


@pytest.fixture
def firefox(tmp_path):
    program = needs.firefox()
    if program is None:
        needs.without("Firefox")
    folder = tmp_path / "firefox"
    folder.mkdir()
    with Firefox(program, folder) as firefox:
        yield firefox


def sees(tab: Tab, *texts: str) -> None:
    """These, in this order, each once."""
    found = f"{TEXTS}.filter((text) => {json.dumps(texts)}.includes(text))"
    tab.waits_for(f"JSON.stringify({found}) === JSON.stringify({json.dumps(texts)})")


def test_firefox_reads_writes_hears_keeps_its_place_and_loses_nothing_P1_P2_P11_P13(firefox, start_server):
    server = start_server("sqlite", **UNLIMITED)
    import_into(server, history(120))
    tab = firefox.tab(server.url)
    tab.waits_for(LIVE)
    assert tab.value(TEXTS)[-1] == "comment 119"

    tab.types("#name", "Ada")
    tab.types("#text", "said in Firefox", "Enter")
    sees(tab, "said in Firefox")
    assert server.get("/api/comments?limit=1").json()["comments"][0]["username"] == "Ada"
    server.post({"text": "said elsewhere", "username": "Eve"})
    sees(tab, "said in Firefox", "said elsewhere")

    tab.turns_wheel(-700)
    tab.waits_for("document.querySelector('#stream').scrollTop < -500")
    tab.waits_for(AT_REST)
    places = tab.value(PLACES)
    server.post({"text": "while reading above", "username": "Eve"})
    sees(tab, "while reading above")
    tab.waits_for("document.querySelector('#pill').textContent === '1 new comment'")
    assert all(abs(now - before) <= 1 for now, before in zip(tab.value(PLACES), places, strict=False))
    tab.value("document.querySelector('#pill').click()")
    tab.waits_for("document.querySelector('#stream').scrollTop > -40")

    server.kill()
    tab.types("#text", "written while it was down 1", "Enter")
    tab.types("#text", "written while it was down 2", "Enter")
    tab.waits_for(WAITING)
    server.start()
    tab.reloads()
    sees(tab, "said elsewhere", "while reading above", "written while it was down 1", "written while it was down 2")
    tab.waits_for(f"!({WAITING})")
    assert tab.value("Object.keys(localStorage).filter((key) => key.startsWith('outbox '))") == []
    assert firefox.problems == []
