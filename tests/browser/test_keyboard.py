"""By keyboard alone, and by ear: a stream of any length, where the focus is, and what is read out."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import broken_route, history, import_into, moderate
from tests.browser.test_scrolling import numbers

FOCUSED = "() => document.activeElement.closest('.comment')?.id ?? (document.activeElement.id || 'body')"
UNSEEN_FOCUS = """() => {
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement.id === "color"
    ? document.activeElement.parentElement : document.activeElement);
  return outlineStyle === "none" || parseFloat(outlineWidth) < 2 || /^rgba.*, 0[)]$/.test(outlineColor);
}"""
MOVING = """() => document.getAnimations({ subtree: true }).map(({ effect }) => effect.pseudoElement)"""


def focused(visitor) -> str:
    return visitor.page.evaluate(FOCUSED)


def presses(visitor, *keys: str) -> list[str]:
    """Where the focus is after each of these keys."""
    seen = []
    for key in keys:
        visitor.page.keyboard.press(key)
        seen.append(focused(visitor))
    return seen


@pytest.fixture
def long_reader(arrive, new_site):
    """At a stream of 900 comments, each with two links."""
    text = "see https://example.org/{0} and https://example.com/{0}"
    comments = history(900)
    import_into(new_site, [comment | {"text": text.format(at)} for at, comment in enumerate(comments)])
    return arrive(new_site).opens().is_live()


def test_tab_passes_a_long_stream_full_of_links_in_one_stop_and_loads_nothing_R43_P22(long_reader):
    requests = []
    long_reader.page.on("request", lambda request: requests.append(request.url))
    long_reader.page.locator("body").press("Tab")
    form = ["close-welcome", "color", "name", "text", "send"]
    stops = ["find", "open-settings", "stream", *form, "older", "quiet"]
    assert presses(long_reader, *["Tab"] * len(stops)) == stops
    assert presses(long_reader, *["Shift+Tab"] * (len(stops) - 1)) == stops[-2::-1]
    assert [url for url in requests if "before" in url] == []


def test_older_comments_come_by_keyboard_down_to_the_first_and_the_focus_goes_along_P6_P22(long_reader):
    first = long_reader.page.locator("#comments .comment").first
    while long_reader.page.locator("#older").is_visible():
        oldest = first.get_attribute("id")
        long_reader.page.focus("#older")
        long_reader.page.keyboard.press("Enter")
        expect(first).not_to_have_id(oldest)
        asked = f"#comment-history-{int(oldest.removeprefix('comment-history-')) - 1}"
        expect(long_reader.page.locator(asked)).to_be_focused()
        expect(long_reader.page.locator(asked)).to_be_in_viewport()
    assert first.get_attribute("id") == "comment-history-0"
    assert focused(long_reader) != "body"


def test_arrows_home_end_and_page_keys_go_from_comment_to_comment_P22(arrive, new_site):
    import_into(new_site, history(40))
    reader = arrive(new_site).opens().is_live()
    reader.page.focus("#stream")
    up = presses(reader, "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown", "Home", "ArrowUp", "End")
    assert up == [f"comment-history-{number}" for number in (39, 38, 39, 39, 0, 0, 39)]
    [far] = presses(reader, "PageUp")
    assert 3 < int(far.removeprefix("comment-history-")) < 37, "a view away, and no further"
    expect(reader.page.locator(f"#{far}")).to_be_in_viewport(ratio=1)
    assert presses(reader, "PageDown") == ["comment-history-39"]
    expect(reader.page.locator("#comment-history-39")).to_be_in_viewport(ratio=1)


def test_end_leads_back_to_the_newest_and_clears_the_pill_P3(arrive, new_site):
    import_into(new_site, history(60))
    reader = arrive(new_site).opens().is_live()
    reader.scrolls_to(900)
    new_site.post({"text": "far below", "username": "Eve"})
    expect(reader.page.locator("#pill")).to_have_text("1 new comment")
    reader.page.focus("#stream")
    reader.page.keyboard.press("End")
    expect(reader.comment("far below")).to_be_in_viewport()
    expect(reader.page.locator("#pill")).to_be_hidden()


def test_a_links_own_comment_is_the_way_to_it_P22(long_reader):
    long_reader.page.focus("#stream")
    long_reader.page.keyboard.press("ArrowUp")
    hrefs = []
    for _ in range(2):
        long_reader.page.keyboard.press("Tab")
        hrefs.append(long_reader.page.evaluate("document.activeElement.href"))
    assert hrefs == ["https://example.org/899", "https://example.com/899"]
    assert presses(long_reader, *["Tab"] * 7)[-1] == "close-welcome", "after the six things to do with it"


def test_a_modified_key_is_the_browsers_and_typing_is_the_fields_P22(long_reader):
    long_reader.page.focus("#stream")
    assert presses(long_reader, "Control+Home", "Shift+ArrowUp", "Alt+ArrowUp") == ["stream"] * 3
    long_reader.page.focus("#text")
    assert presses(long_reader, "Home", "ArrowUp", "End") == ["text"] * 3


@pytest.mark.parametrize("hidden", [["history-7"], ["history-7", "history-8"], ["history-19"]])
def test_a_focused_comment_that_is_hidden_leaves_the_focus_to_its_neighbour_P22(arrive, new_site, hidden):
    import_into(new_site, history(20))
    reader = arrive(new_site).opens().is_live()
    reader.page.focus(f"#comment-{hidden[0]}")
    moderate(new_site, "hide", *hidden)
    expect(reader.page.locator(f"#comment-{hidden[-1]}")).to_have_count(0)
    after = int(hidden[-1].removeprefix("history-")) + 1
    assert focused(reader) == f"comment-history-{after if after < 20 else 18}"


def test_the_last_comment_that_is_hidden_leaves_the_focus_to_the_stream_P22(arrive, new_site):
    import_into(new_site, history(1))
    reader = arrive(new_site).opens().is_live()
    reader.page.focus("#comment-history-0")
    moderate(new_site, "hide", "history-0")
    expect(reader.page.locator("#comment-history-0")).to_have_count(0)
    assert focused(reader) == "stream"


def test_after_the_pill_the_focus_is_in_the_stream_P22(arrive, new_site):
    import_into(new_site, history(60))
    reader = arrive(new_site).opens().is_live()
    reader.scrolls_to(900)
    new_site.post({"text": "below", "username": "Eve"})
    expect(reader.page.locator("#pill")).to_be_visible()
    reader.page.focus("#pill")
    reader.page.keyboard.press("Enter")
    expect(reader.page.locator("#pill")).to_be_hidden()
    assert focused(reader) == "stream"


# By ear


def test_one_comment_is_read_by_the_log_and_many_are_summed_up_P21(arrive, new_site):
    reader = arrive(new_site).opens().is_live()
    for number in range(5):
        new_site.post({"text": f"rush {number}", "username": f"user {number}"})
    reader.sees("rush 4")
    expect(reader.page.locator("#news")).to_have_text(
        re.compile("new comments, the last from user 4|user 4: rush 4"), timeout=15_000
    )


def test_reading_out_can_be_paused_and_goes_on_with_what_came_P21(arrive, new_site):
    reader = arrive(new_site).opens().is_live()
    pause = reader.page.get_by_role("button", name="Do not read new comments out")
    pause.focus()
    pause.press("Enter")
    expect(pause).to_have_attribute("aria-pressed", "true")
    modes = (
        "new Promise((done) => new MutationObserver(() => done(stream.ariaLive)).observe(comments, {childList: true}))"
    )
    reader.page.evaluate(f"() => {{ window.mode = {modes} }}")
    for number in range(3):
        new_site.post({"text": f"unheard {number}", "username": "Eve"})
    reader.sees("unheard 2")
    assert reader.page.evaluate("mode") == "off"
    expect(reader.page.locator("#news")).to_be_empty()
    pause.press("Enter")
    expect(reader.page.locator("#news")).to_have_text("3 new comments, the last from Eve")


PACED = """({ Pace, PACE_MS }, steps) => {
  const pace = new Pace();
  return steps.map(([now, names]) => {
    if (names) return pace.came(names.map((username) => ({ username, text: "words" })), now);
    return pace.dueIn(now) === 0 ? pace.sentence(now) : null;
  });
}"""


def test_no_more_is_read_out_than_one_thing_in_six_seconds_P21(run):
    steps = [[0, ["a"]], [10, ["b"]], [20, ["c", "d"]], [5999, None], [6000, None], [6001, None]]
    assert run("state/pace", PACED, steps) == [True, False, False, None, "3 new comments, the last from d", None]
    later = [[0, ["a"]], [100, ["b"]], [6000, None], [11_000, ["c"]], [12_000, None], [18_000, ["d"]]]
    assert run("state/pace", PACED, later) == [True, False, "b: words", False, "c: words", True]


# Seen


@pytest.mark.parametrize("more", [{"forced_colors": "active"}, {}])
def test_whatever_has_the_focus_shows_it_also_in_forced_colours_P22_P23(arrive, new_site, more):
    import_into(new_site, history(60))
    reader = arrive(new_site, **more).opens().is_live()
    reader.page.locator("body").press("Tab")
    unseen = []
    for _ in range(10):
        if reader.page.evaluate(UNSEEN_FOCUS):
            unseen.append(focused(reader))
        reader.page.keyboard.press("Tab")
    assert unseen == ([] if more else ["name", "text"]), "without forced colours the card shows theirs"


def test_nothing_moves_for_those_who_want_no_motion_not_even_what_is_drawn_by_styles_P23(arrive, site):
    reader = arrive(site, reduced_motion="reduce").opens().is_live()
    with broken_route(reader, "**/api/**", "GET"):
        reader.page.evaluate("document.querySelector('#connection').dataset.state = 'slow'")
        assert reader.page.evaluate(MOVING) == []


@pytest.mark.parametrize(("width", "height"), [(844, 180), (320, 256), (568, 150)])
def test_comments_and_form_are_usable_in_very_little_height_P17_P23(arrive, new_site, width, height):
    import_into(new_site, history(30))
    reader = arrive(new_site, viewport={"width": width, "height": height}).opens().is_live()
    assert reader.page.locator("#stream").bounding_box()["height"] >= 88, "three lines and more"
    for control in ("#name", "#text", "#send"):
        expect(reader.page.locator(control)).to_be_in_viewport(ratio=1)
    reader.is_named("Ada").says("from little room")
    expect(reader.comment("from little room")).to_be_in_viewport()
    assert numbers(reader)[-1] == 29


def test_every_control_is_44_px_large_P18(arrive, new_site):
    import_into(new_site, history(60))
    reader = arrive(new_site).opens().is_live().is_named("Ada")
    with broken_route(reader, "**/api/comments"):
        reader.says("on its way")
        expect(reader.page.locator(".fate__discard")).to_be_visible()
        reader.stands_still()
        sizes = """() => [...document.querySelectorAll("a, button, label, input, textarea")]
          .filter((element) => element.checkVisibility() && element.id !== "color")
          .map((element) => [element.id || element.className, element.getBoundingClientRect()])
          .filter(([, { width, height }]) => Math.min(width, height) < 44).map(([name]) => name)"""
        assert reader.page.evaluate(sizes) == []
