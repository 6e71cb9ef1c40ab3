"""A page that is open while its stream is restored ends with exactly what the restored site has."""

import pytest

from tests.browser.conftest import UNLIMITED, wait_until
from tests.support.servers import Server
from tests.support.workers import Worker

WRITERS = 8


def newest(site: Server) -> list[str]:
    """What a page shows that loads now."""
    return [comment["text"] for comment in site.get("/api/comments?fresh=true").json()["comments"]]


@pytest.mark.parametrize(("transport", "database"), [("socket", "sqlite"), ("polls", "postgresql")])
def test_an_open_page_and_its_other_tab_end_with_the_stream_that_is_restored_after_a_kill(
    arrive, start_server, tmp_path, transport, database
):
    site = start_server(database, **UNLIMITED)
    visitor = arrive(site)
    if transport == "polls":
        visitor.without_push()
    visitor.expects_failing_requests()  # nobody answers for a while, and then it is 410
    visitor.opens().is_live()
    tab = visitor.context.new_page()
    tab.goto(site.url)
    visitor.is_named("Ada").says("kept")
    visitor.sees("kept")
    posters = [Worker(site.env, "post", site.url, f"127.0.1.{n}", f"writer {n}", 5) for n in range(1, WRITERS + 1)]
    site.manage("backup", tmp_path / "backup")
    for poster in posters:
        poster.result()
    for text in ("lost", "lost too"):
        visitor.says(text)
        visitor.sees(text)
    tab.get_by_text("lost too", exact=True).first.wait_for()
    site.kill()
    assert "The stream is in order." in site.manage("restore", "--no-input", tmp_path / "backup").stdout
    site.start()
    visitor.sees("lost too", times=0, timeout=60_000)
    tab.get_by_text("lost too", exact=True).wait_for(state="detached", timeout=60_000)
    visitor.says("and on")
    for page in (visitor.page, tab):
        shown = page.locator("#comments .comment__text")
        wait_until(lambda of=shown: of.all_text_contents() == newest(site), 60, page)
    assert {"kept", "and on"} <= set(newest(site))
    assert not {"lost", "lost too"} & set(newest(site))
