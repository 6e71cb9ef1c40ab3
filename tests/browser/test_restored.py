"""A page that is open while its stream is restored ends with exactly what the restored site has."""

import pytest

from tests.browser.conftest import wait_until


@pytest.mark.parametrize("transport", ["socket", "polls"])
def test_an_open_page_and_its_other_tab_end_with_the_restored_stream(arrive, new_site, tmp_path, transport):
    visitor = arrive(new_site)
    if transport == "polls":
        visitor.without_push()
    visitor.expects_failing_requests()  # 410
    visitor.opens().is_live()
    tab = visitor.context.new_page()
    tab.goto(new_site.url)
    visitor.is_named("Ada").says("kept")
    visitor.sees("kept")
    new_site.manage("backup", tmp_path / "backup")
    for text in ("lost", "lost too"):
        visitor.says(text)
        visitor.sees(text)
    tab.get_by_text("lost too", exact=True).first.wait_for()
    new_site.manage("restore", "--no-input", tmp_path / "backup")
    visitor.sees("lost too", times=0, timeout=30_000)
    visitor.does_not_see("lost")
    tab.get_by_text("lost", exact=True).wait_for(state="detached", timeout=30_000)
    visitor.says("and on")
    for page in (visitor.page, tab):
        shown = page.locator("#comments .comment__text")
        wait_until(lambda of=shown: of.all_text_contents() == ["kept", "and on"], 30, page)
