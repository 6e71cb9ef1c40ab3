"""A page that is open while its stream is restored ends with exactly what the restored site has."""

import pytest

from tests.browser.conftest import wait_until


@pytest.mark.parametrize(("transport", "is_killed"), [("socket", True), ("polls", False)])
def test_an_open_page_and_its_other_tab_end_with_the_restored_stream(
    arrive, start_server, tmp_path, transport, is_killed
):
    site = start_server()
    visitor = arrive(site)
    if transport == "polls":
        visitor.without_push()
    visitor.expects_failing_requests()  # 410, and nobody answers while there is no server
    visitor.opens().is_live()
    tab = visitor.context.new_page()
    tab.goto(site.url)
    visitor.is_named("Ada").says("kept")
    both_show(["kept"], visitor.page, tab)
    site.manage("backup", tmp_path / "backup")
    for text in ("lost", "lost too"):
        visitor.says(text)
    both_show(["kept", "lost", "lost too"], visitor.page, tab)
    if is_killed:
        site.kill()
    site.manage("restore", "--no-input", tmp_path / "backup")
    if is_killed:
        site.start()
    both_show(["kept"], visitor.page, tab)
    visitor.says("and on")
    both_show(["kept", "and on"], visitor.page, tab)


def both_show(texts: list[str], *pages) -> None:
    """And nothing that waits: what the server has not taken yet may be sent to the restored one."""
    for page in pages:
        shown, waiting = page.locator("#comments .comment__text"), page.locator(".comment--waiting")
        wait_until(lambda of=shown: of.all_text_contents() == texts, 60, page)
        wait_until(lambda of=waiting: of.count() == 0, 60, page)
