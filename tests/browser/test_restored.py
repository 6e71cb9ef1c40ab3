"""A page that is open while its stream is restored ends with exactly what the restored site has."""

import pytest

from tests.browser.conftest import UNLIMITED, wait_until


@pytest.mark.parametrize("transport", ["socket", "polls"])
def test_an_open_page_and_its_other_tab_end_with_the_restored_stream(arrive, start_server, tmp_path, transport):
    site = start_server("sqlite", **UNLIMITED)
    visitor = arrive(site)
    if transport == "polls":
        visitor.without_push()
    visitor.expects_failing_requests()  # 410
    visitor.opens().is_live()
    tab = visitor.context.new_page()
    tab.goto(site.url)
    visitor.is_named("Ada").says("kept")
    visitor.sees("kept")
    site.manage("backup", tmp_path / "backup")
    for text in ("lost", "lost too"):
        visitor.says(text)
        visitor.sees(text)
    tab.get_by_text("lost too", exact=True).first.wait_for()
    site.manage("restore", "--no-input", tmp_path / "backup")
    visitor.sees("lost too", times=0, timeout=30_000)
    visitor.does_not_see("lost")
    tab.get_by_text("lost", exact=True).wait_for(state="detached", timeout=30_000)
    visitor.says("and on")
    for page in (visitor.page, tab):
        shown = page.locator("#comments .comment__text")
        wait_until(lambda of=shown: of.all_text_contents() == ["kept", "and on"], 30, page)
