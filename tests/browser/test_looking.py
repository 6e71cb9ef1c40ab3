"""What a visitor looks at: views in the address, the bar that says them, and every way on which comments come."""

import json
import random
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SCRIPT, history, import_into, late_answer, moderate, wait_until

RED, BLUE = "255000000", "000000255"


def hash_of(visitor) -> str:
    return visitor.page.evaluate("location.hash")


def chips(visitor) -> list[str]:
    return visitor.page.locator("#chips .chip bdi").all_text_contents()


def switch(visitor):
    return visitor.page.get_by_role("switch", name="Filters")


@pytest.fixture
def told(new_site):
    """A stream of 900 comments; few of them are Ada's, and far apart."""
    comments = history(900)
    for number in range(0, 900, 60):
        comments[number] |= {"username": "Ada", "color": RED, "text": f"engine {number}"}
    comments[450] |= {"username": "ada", "color": BLUE, "text": "another engine"}
    import_into(new_site, comments)
    return new_site


def test_a_view_is_chosen_shared_and_walked_through_by_back_and_forward_P30_R28_R33(arrive, told):
    reader = arrive(told).opens().is_live()
    page = reader.page
    told.post({"text": "the engine of today", "username": "Ada", "color": RED})
    told.post({"text": "spam about Ada", "username": "Eve"})
    reader.sees("spam about Ada")

    # A click adds, and switches nothing on.
    reader.comment("the engine of today").locator(".comment__name").click()
    assert hash_of(reader) == f"#u=Ada:{RED}&filteractive=false"
    expect(switch(reader)).to_have_attribute("aria-checked", "false")
    reader.sees("spam about Ada")

    older = []
    page.on("request", lambda request: "before=" in request.url and older.append(request.url))
    switch(reader).click()
    assert hash_of(reader) == f"#u=Ada:{RED}&filteractive=true"
    expect(page.locator("#comments .comment")).to_have_count(16)
    reader.does_not_see("spam about Ada")
    reader.sees("engine 0")
    expect(page.locator("#edge")).to_contain_text("This is the beginning.")
    assert reader.texts == [*(f"engine {number}" for number in range(0, 900, 60)), "the engine of today"]
    assert older == []  # the list had it all

    # What comes is counted as it is shown; of whatever is not, nothing is seen or counted.
    reader.scrolls_to(400)
    told.post({"text": "unseen", "username": "Eve"})
    told.post({"text": "more of the engine", "username": "ADA", "color": RED})
    expect(page.locator("#pill")).to_have_text("1 new comment")
    assert page.title().startswith("(1) ")
    reader.does_not_see("unseen")

    # Excluded, then removed.
    page.locator(".chip__turn").click()
    assert hash_of(reader) == f"#-u=Ada:{RED}&filteractive=true"
    reader.sees("spam about Ada")
    reader.sees("unseen")
    reader.does_not_see("the engine of today")
    page.get_by_role("button", name="Remove Ada").click()
    assert hash_of(reader) == ""
    reader.sees("the engine of today")

    page.go_back()
    reader.does_not_see("the engine of today")
    page.go_back()
    reader.does_not_see("unseen")
    reader.sees("more of the engine")
    page.go_forward()
    reader.sees("unseen")

    # The language stays, and nothing else that stood behind the ?.
    page.goto(f"{told.url}/?lang=de&u=ada&before=99999999999999")
    page.get_by_role("button", name="ada entfernen").click()
    reader.sees("unseen")
    assert page.url == f"{told.url}/?lang=de"

    # The same for whoever gets the address, and loading does not touch it.
    other = arrive(told).opens(f"/#u=ada:{BLUE}+nobody&x=1&to=never").is_live()
    reader_hash = hash_of(other)
    other.sees("another engine")
    assert other.texts == ["another engine"]
    assert reader_hash == f"#u=ada:{BLUE}+nobody&x=1&to=never"
    expect(other.page.locator("#said")).to_have_text("Left out of this address, because it cannot be read: to=never")
    assert chips(other) == ["ada", "nobody"]
    other.page.get_by_role("button", name="Remove nobody").click()
    assert hash_of(other) == f"#u=ada:{BLUE}&filteractive=true&x=1"


def test_the_panel_asks_for_people_words_and_bots_in_all_states_of_the_switch_R34(arrive, new_site):
    import_into(new_site, [*history(6), history(1)[0] | {"id": "bot", "text": "beep", "message-type": "AI"}])
    reader = arrive(new_site).opens().is_live()
    page = reader.page
    for address, people, bots in [
        ("", 6, 1),
        ("word=comment&filteractive=false", 6, 1),
        ("word=beep&filteractive=true", 0, 1),
    ]:
        for name, count in [("Everyone", people + bots), ("People", people), ("Bots", bots)]:
            page.evaluate("(address) => { location.hash = address }", address)
            page.locator("#find").click()
            page.get_by_role("radio", name=name).check()
            page.keyboard.press("Escape")
            expect(page.locator("#comments .comment")).to_have_count(count)
    page.evaluate("location.hash = ''")
    page.locator("#find").click()
    page.get_by_label("With the word").fill("comment 3")
    page.keyboard.press("Enter")
    assert hash_of(reader) == "#word=comment%203&filteractive=true"
    expect(page.locator("#comments .comment")).to_have_count(1)
    expect(page.locator("#find")).to_be_focused()


@pytest.mark.parametrize("seed", [1])
def test_the_same_set_is_shown_on_whichever_way_comments_come_R27_R36_P30(arrive, new_site, seed):
    """First load, older pages, live, one's own, hidden and restored, a change of the view, a reload: one predicate."""
    rng = random.Random(seed)
    words = ["tea", "TEA", "ＴＥＡ", "coffee", "milk"]
    names = ["Ada", "ada", "Eve", "José", "日本"]

    def said(number: int) -> dict:
        return {
            "text": f"{rng.choice(words)} {number}",
            "username": rng.choice(names),
            "color": rng.choice([RED, BLUE]),
        }

    comments = [comment | said(number) for number, comment in enumerate(history(400))]
    import_into(new_site, comments)
    views = ["word=tea", f"u=ada:{RED}+jose\u0301", "word=tea+milk&-u=eve", "-word=tea&u=日本+ada"]
    reader = arrive(new_site).opens(f"/#{views[0]}").is_live().is_named("Ada")
    for turn, view in enumerate(views):
        reader.page.evaluate("(address) => { location.hash = address }", view)
        for number in range(3):
            assert new_site.post(said(1000 * turn + number)).status == 201
        reader.says(f"tea {1000 * turn + 500}")
        hidden = [f"history-{rng.randrange(400)}" for _ in range(5)]
        moderate(new_site, "hide", *hidden)
        moderate(new_site, "restore", *hidden[:2])
        expect(reader.page.locator("#outbox .comment")).to_have_count(0)
        expected = in_view(new_site, view)
        reach_the_beginning(reader)
        reader.waits_for(f"() => JSON.stringify({IDS}()) === JSON.stringify({json.dumps(expected)})")
    reader.page.reload()
    reader.is_live()
    reach_the_beginning(reader)
    assert reader.page.evaluate(IDS) == expected


IDS = "(() => [...document.querySelectorAll('#comments .comment')].map((item) => item.id.slice(8)))"


def in_view(site, view: str) -> list[str]:
    return [comment["id"] for comment in site.get(f"/api/comments?limit=1000&view={quote(view)}").json()["comments"]]


def reach_the_beginning(reader) -> None:
    def is_there() -> bool:
        reader.scrolls_to(100_000)
        return "beginning" in reader.page.locator("#edge").inner_text()

    wait_until(is_there, 20, reader.page)


def test_an_older_page_that_comes_late_does_not_join_on_to_another_view_R27_R36(arrive, new_site):
    """Of the newest 500 both views show the same, so both begin at the same comment."""
    comments = [comment | {"username": "Ada"} for comment in history(520)]
    for number in range(0, 20, 2):
        comments[number] |= {"username": "Eve"}
    import_into(new_site, comments)
    reader = arrive(new_site).is_patient().opens().is_live()
    with late_answer(reader.page, "**/api/comments?before=*view=*") as is_asked:
        reader.page.evaluate("location.hash = 'u=Ada'")
        expect(reader.page.locator("#comments .comment")).to_have_count(500)
        reader.scrolls_to(100_000)
        is_asked()
        with reader.page.expect_response("**/api/comments?limit=500"):
            reader.page.evaluate("location.hash = ''")
        expect(reader.page.locator("#stream[data-loading]")).to_have_count(0)
    reach_the_beginning(reader)
    expect(reader.page.locator("#comments .comment")).to_have_count(520)


def test_where_filters_are_off_nothing_moves_or_is_loaded_for_another_chip_P2_R28(arrive, told):
    reader = arrive(told).opens("/#u=nobody&filteractive=false").is_live()
    reader.scrolls_to(1500)
    reader.waits_for("() => document.querySelectorAll('#comments .comment').length > 50")
    clicked = reader.page.locator("#comments .comment__name").nth(60)
    clicked.hover()
    reader.stands_still()
    asked = []
    reader.page.on("request", lambda request: asked.append(request.url))
    places = reader.page.evaluate(PLACES)
    clicked.click()
    assert len(chips(reader)) == 2
    reader.page.get_by_role("button", name="Remove nobody").click()
    assert len(chips(reader)) == 1
    told.post({"text": "heard of as ever", "username": "Eve"})
    expect(reader.page.locator("#pill")).to_have_text("1 new comment")
    now = reader.page.evaluate(PLACES)
    assert {id: top for id, top in places.items() if abs(now[id] - top) > 1} == {}
    assert [url for url in asked if "/api/comments" in url] == []


PLACES = """(() => Object.fromEntries([...document.querySelectorAll('#comments .comment')]
  .map((item) => [item.id, item.getBoundingClientRect().top])))()"""


def test_what_there_comes_to_be_room_for_is_loaded_without_scrolling(arrive, told):
    """A view of little, in a window that grows, and in which what is said gets smaller."""
    reader = arrive(told)
    count = lambda: reader.page.locator("#comments .comment").count()  # noqa: E731
    small, large = [{"width": 1280, "height": height} for height in (300, 900)]
    for makes_room in (
        lambda: reader.page.set_viewport_size(large),
        lambda: reader.page.evaluate("document.querySelector('#comments').style.zoom = 0.3"),
    ):
        reader.page.set_viewport_size(small)
        reader.page.goto("about:blank")
        reader.opens("/#word=1").is_live()
        reader.waits_for("() => document.querySelectorAll('#comments .comment').length > 3")
        reader.stands_still()
        before = count()
        makes_room()
        reader.waits_for(f"() => document.querySelectorAll('#comments .comment').length > {before}")


def test_a_view_of_what_is_not_there_says_so_and_shows_it_when_it_comes_R40(arrive, told):
    reader = arrive(told).opens("/#word=nobody-has-said-it").is_live()
    expect(reader.page.locator(".empty--viewed")).to_be_visible()
    told.post({"text": "now nobody-has-said-it is said", "username": "Eve"})
    reader.sees("now nobody-has-said-it is said")
    expect(reader.page.locator(".empty--viewed")).to_be_hidden()
    expect(reader.page.locator("#pill")).to_be_hidden()
    assert re.match(r"^\(", reader.page.title()) is None
    reader.is_named("Ada").says("one's own, of something else")
    expect(reader.page.locator("#said")).to_have_text("Your comment was sent. It is not among what is shown.")
    expect(reader.page.locator("#outbox .comment")).to_have_count(0)


WATCH = """
  window.seen = [];
  requestAnimationFrame(function look() {
    for (const text of document.querySelectorAll("#comments .comment__text")) {
      if (text.checkVisibility({ visibilityProperty: true })) seen.push(text.textContent);
    }
    requestAnimationFrame(look);
  });
"""


def test_nothing_that_the_address_leaves_out_is_seen_before_the_script_has_read_it_R27(arrive, told):
    reader = arrive(told)
    reader.expects_failing_requests()
    reader.context.add_init_script(WATCH)
    first = reader.page.locator("#comments .comment").first
    held = []
    reader.page.route(SCRIPT, lambda route: held.append(route))

    def opens(address: str) -> None:
        reader.page.goto("about:blank")
        reader.page.goto(f"{told.url}/{address}", wait_until="commit")
        expect(reader.page.locator("#comments .comment")).to_have_count(50)

    opens("#word=engine")
    expect(first).to_be_hidden()
    held.pop().continue_()
    reader.sees("another engine")
    assert all("engine" in text for text in reader.page.evaluate("seen"))
    assert reader.page.evaluate("seen.length") > 0

    # Nothing else has to wait; and without the script all is shown.
    for address in ("", "#comment-history-890", "?word=comment"):
        opens(address)
        expect(first).to_be_visible()
    opens("#word=engine")
    held.pop().abort()
    expect(first).to_be_visible()

    # Whom the visitor has hidden the server does not know either.
    reader.page.evaluate("""localStorage.setItem("hidden", '"-u=user%201"')""")
    opens("")
    expect(first).to_be_hidden()
    held.pop().continue_()
    reader.is_live()
    reader.does_not_see("comment 897")
    assert "comment 897" not in reader.page.evaluate("seen")
    assert "comment 898" in reader.page.evaluate("seen")
