"""The desk in a real browser: a moderator with one thumb, among visitors who go on talking."""

import re
from contextlib import nullcontext

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WITHIN_ONE_POLL_MS, Visitor, history, import_into, moderate, wait_until
from tests.support.cast import PASSWORD

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


COMMENT = "from comments.models import Comment"
SESSION = "from django.contrib.sessions.models import Session"
SIGN_IN = """from django.test import Client
client = Client()
client.force_login(User.objects.get(username={!r}))
print(client.cookies["sessionid"].value)"""
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, select, input:not([type=checkbox]), label")]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
  .map((element) => element.outerHTML)"""


class Moderator(Visitor):
    """Who is signed in at the desk."""

    def signs_in(self, name: str = "mo", page=None) -> "Moderator":
        page = page or self.page
        if "/admin/login/" not in page.url:
            page.goto(f"{self.server.url}/admin/login/?next=/admin/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("[type=submit]")
        page.wait_for_url(re.compile("/admin/(?!login)"))
        return self

    def is_signed_in(self, name: str) -> "Moderator":
        """Without the half second that the server takes for any password."""
        session = self.server.manage("shell", "-v0", "-c", SIGN_IN.format(name)).stdout.strip()
        cookie = {"name": "sessionid", "value": session, "domain": "127.0.0.1", "path": "/admin/"}
        self.context.add_cookies([cookie])
        self.page.goto(f"{self.server.url}/admin/")
        return self

    def is_live(self) -> "Moderator":
        expect(self.page.locator("#line")).to_have_text("live", timeout=10_000)
        return self

    def row(self, text: str, within: str = "#rows"):
        return self.page.locator(f"{within} .row").filter(has=self.page.get_by_text(text, exact=True))

    def presses(self, text: str, button: str, within: str = "#rows") -> None:
        """Under a pointer nothing moves any more; what has just moved is not to be pressed yet."""
        pressed = self.row(text, within).get_by_role("button", name=button, exact=True)
        pressed.hover()
        expect(self.page.locator("#rows[aria-busy]")).to_have_count(0)
        pressed.click()

    def ticks(self, *texts: str) -> None:
        for text in texts:
            self.row(text).get_by_role("checkbox").check()

    def is_told(self, words: str) -> None:
        expect(self.page.locator("#said")).to_contain_text(words, timeout=10_000)


@pytest.fixture(scope="module")
def staffed(site_in_turn):
    """What is stored by a site that has two moderators, and nothing else yet."""
    site = site_in_turn.begins_anew()
    for name in ("mo", "anna"):
        site.manage("create_moderator", name, input=f"{PASSWORD}\n")
    return site.copied_to(site.folder / "staffed.sqlite3")


@pytest.fixture
def site(site_in_turn, staffed):
    """With two moderators, in a stream of its own."""
    return site_in_turn.begins_anew(staffed)


@pytest.fixture
def hire(chromium, site):
    """Brings moderators: `hire("anna", java_script_enabled=False)`."""
    hired = []

    def hire(name: str = "mo", **context) -> Moderator:
        hired.append(Moderator(chromium.new_context(timezone_id="UTC", **context), site))
        return hired[-1].is_signed_in(name)

    yield hire
    for moderator in hired:
        moderator.context.close()
    assert [moderator.problems for moderator in hired if moderator.problems] == []


def say(site, text: str, name: str = "Ada", address: str = "127.0.0.1") -> str:
    answer = site.post({"text": text, "username": name}, address=address)
    assert answer.status in (201, 202), answer.text
    return answer.json()["id"]


def hearing(moderator: Moderator):
    return moderator.page.expect_response(lambda answer: "/admin/news/" in answer.url and answer.status == 200)


def visible(site) -> list[str]:
    return [comment["text"] for comment in site.get("/api/comments?limit=1000&fresh=true").json()["comments"]]


# Live


def test_what_is_hidden_on_a_phone_leaves_the_page_of_another_and_undo_brings_it_back_to_its_place(site, hire, arrive):
    for text in ("one", "two", "three"):
        say(site, text)
    visitor, moderator = arrive(site).opens().is_live(), hire(**PHONE).is_live()
    moderator.presses("two", "Hide")
    visitor.does_not_see("two")
    moderator.is_told("Hidden: 1")
    moderator.page.get_by_role("button", name="Undo").tap()
    visitor.sees("two")
    assert visitor.texts == ["one", "two", "three"]


IMPATIENCE = """{
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => timeout(ms / 5);
}"""


def test_a_question_that_the_network_has_swallowed_is_given_up_and_asked_again(site, hire):
    moderator, swallowed = hire(), []
    moderator.page.add_init_script(IMPATIENCE)
    moderator.page.reload()
    moderator.is_live()
    moderator.page.route("**/admin/news/**", lambda route: swallowed.append(route), times=1)
    wait_until(lambda: swallowed, 10, moderator.page)
    say(site, "said meanwhile")
    expect(moderator.row("said meanwhile")).to_be_visible(timeout=10_000)


def test_who_polls_and_who_has_slept_are_right_too(site, hire, arrive):
    for text in ("one", "two", "three"):
        say(site, text)
    poller, sleeper = arrive(site).without_push().opens().is_live(), arrive(site).opens().is_live()
    sleeper.expects_failing_requests()
    sleeper.context.set_offline(True)
    moderator = hire(**PHONE).is_live()
    for text in ("one", "two"):
        moderator.presses(text, "Hide")
        poller.does_not_see(text)
    moderator.page.get_by_role("button", name="Undo").tap()  # of the last
    poller.sees("two")
    sleeper.context.set_offline(False)
    sleeper.sees("one", times=0, timeout=20_000)
    assert poller.texts == sleeper.texts == ["two", "three"]


def test_the_desk_follows_the_stream_and_its_colleagues(site, hire):
    say(site, "there before")
    mo, anna = hire().is_live(), hire("anna").is_live()
    say(site, "posted meanwhile")
    expect(mo.row("posted meanwhile")).to_have_count(1, timeout=WITHIN_ONE_POLL_MS)
    assert mo.page.locator("#rows .row__text").all_text_contents() == ["posted meanwhile", "there before"]
    anna.presses("there before", "Hide")
    expect(mo.row("there before").locator(".row__state")).to_have_text("Hidden", timeout=WITHIN_ONE_POLL_MS)


def test_a_desk_that_is_open_while_the_stream_is_restored_shows_what_that_has(site, hire, tmp_path):
    moderator = hire("mo").is_live()
    moderator.expects_failing_requests()  # 410
    site.post({"text": "kept", "username": "Ada"})
    site.manage("backup", tmp_path / "backup")
    site.post({"text": "lost", "username": "Ada"})
    expect(moderator.row("lost")).to_be_visible(timeout=WITHIN_ONE_POLL_MS)
    site.manage("restore", "--no-input", tmp_path / "backup")
    expect(moderator.row("lost")).to_have_count(0, timeout=WITHIN_ONE_POLL_MS)
    expect(moderator.row("kept")).to_be_visible()
    site.post({"text": "and on", "username": "Ada"})
    expect(moderator.row("and on")).to_be_visible(timeout=WITHIN_ONE_POLL_MS)


def test_nothing_moves_under_a_thumb(site, hire):
    for number in range(30):
        say(site, f"line {number}")
    moderator = hire(**PHONE).is_live()
    row = moderator.row("line 25")
    row.locator(".row__by").dispatch_event("pointerdown")
    before = row.bounding_box()["y"]
    say(site, "comes in above")
    expect(moderator.row("comes in above")).to_have_count(1, timeout=WITHIN_ONE_POLL_MS)
    assert abs(row.bounding_box()["y"] - before) <= 1


def test_what_has_just_come_under_a_thumb_is_not_pressed(site, hire):
    for text in ("one", "two"):
        say(site, text)
    moderator = hire(**PHONE).is_live()
    as_if_rows_had_just_moved(moderator.page)
    moderator.row("one").get_by_role("button", name="Hide", exact=True).click()
    moderator.page.locator("#rows").evaluate("list => (list.ariaBusy = null)")
    moderator.presses("two", "Hide")
    moderator.is_told("Hidden: 1.")
    assert visible(site) == ["one"]


def as_if_rows_had_just_moved(page) -> None:
    """For half a second they are said to; here it lasts, whatever the machine."""
    page.locator("#rows").evaluate("list => (list.ariaBusy = 'true')")


def test_what_is_said_moves_nothing(site, hire):
    for number in range(30):
        say(site, f"line {number}")
    moderator = hire(**PHONE).is_live()
    row = moderator.row("line 24")
    row.scroll_into_view_if_needed()
    before = row.bounding_box()["y"]
    moderator.presses("line 25", "Hide")
    moderator.is_told("Hidden: 1.")
    expect(moderator.row("line 25").locator(".row__state")).to_have_text("Hidden", timeout=WITHIN_ONE_POLL_MS)
    assert abs(row.bounding_box()["y"] - before) <= 1
    expect(moderator.page.get_by_role("button", name="Undo")).to_be_in_viewport()


def test_fifty_spam_messages_of_ten_addresses_are_gone_after_twelve_taps_on_a_phone(site, hire, arrive):
    for number in range(5):
        for address in range(10):
            say(
                site,
                f"{number} words that nobody shares {address * 7 + number}",
                f"n{address}",
                f"127.0.1.{address + 1}",
            )
        say(site, f"an honest comment {number}", "Ada", f"127.0.2.{number + 1}")
    moderator, taps = hire(**PHONE).is_live(), 0
    spam = moderator.page.locator("#rows .row--visible").filter(has_text="words that nobody shares")
    while spam.count():
        left = spam.count()
        spam.first.get_by_role("button", name="All + ban").tap()
        taps += 1
        expect(spam).not_to_have_count(left, timeout=10_000)
    assert taps <= 12
    assert visible(site) == [f"an honest comment {number}" for number in range(5)]
    assert site.post({"text": "more", "username": "n"}, address="127.0.1.4").json()["code"] == "banned"


def test_what_waits_is_decided_in_one_tap_and_the_next_one_comes_by_itself(start_server, site, hire):
    for number in range(6):
        say(site, f"held {number}", address=f"127.0.0.{number + 1}")
    texts = [f"held {number}" for number in range(6)]
    site.manage("shell", "-v0", "-c", f"{COMMENT}; Comment.objects.hold()")
    moderator = hire(**PHONE).is_live()
    for text in texts:
        waiting = moderator.page.locator("#waits .row:visible .row__text")
        expect(waiting.first).to_have_text(text, timeout=10_000)
        moderator.presses(text, "Show", "#waits")
        expect(moderator.row(text, "#waits")).to_have_count(0, timeout=10_000)
    expect(moderator.page.locator("#waits-title")).to_have_text("Nothing waits")
    assert visible(site) == texts


def test_two_moderators_do_not_decide_the_same_one_twice(site, hire):
    id = say(site, "held")
    moderate(site, "hold", id, "")
    anna, mo = hire("anna", java_script_enabled=False), hire(java_script_enabled=False)
    anna.presses("held", "Show", "#waits")
    anna.is_told("Shown: 1")
    mo.presses("held", "Show", "#waits")
    mo.is_told("Shown: 0.")
    mo.is_told("already shown by anna")
    mo.page.goto(f"{site.url}/admin/comment/{id}/")
    expect(mo.page.locator(".record li").first).to_contain_text("Shown by anna")


def test_keys_do_what_the_list_of_keys_says(site, hire, arrive):
    for text in ("one", "two", "three"):
        say(site, text)
    moderator = hire().is_live()
    page = moderator.page
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("h")  # no row has the focus: nothing happens
    page.keyboard.press("j")
    page.keyboard.press("j")
    as_if_rows_had_just_moved(page)
    page.keyboard.press("h")
    moderator.is_told("Hidden: 1")
    assert visible(site) == ["one", "three"]
    page.keyboard.press("u")
    moderator.is_told("Undone: 1")
    page.keyboard.press("/")
    page.keyboard.type("hj")
    expect(page.locator("[type=search]")).to_have_value("hj")
    assert visible(site) == ["one", "two", "three"]


def test_keys_act_again_as_soon_as_their_list_is_closed(site, hire):
    say(site, "one")
    page = hire().is_live().page
    acted = """() => {
      const [list, button] = [document.querySelector("#keys"), document.querySelector("#keys button")];
      const presses = () => button.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
      const isAtRow = () => document.activeElement.closest(".row") !== null;
      list.showModal();
      presses();
      const whileOpen = isAtRow();
      list.close();
      presses();
      return [whileOpen, isAtRow()];
    }"""
    assert page.evaluate(acted) == [False, True]


def test_who_is_at_a_row_that_somebody_else_erases_is_still_at_it(site, hire):
    say(site, "one")
    moderator = hire().is_live()
    moderator.row("one").get_by_role("button", name="Hide", exact=True).focus()
    site.manage("shell", "-v0", "-c", f"{COMMENT}; Comment.objects.erase()")
    expect(moderator.row("(erased)").get_by_role("link")).to_be_focused(timeout=WITHIN_ONE_POLL_MS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_targets_are_large_enough_for_a_thumb_and_nothing_scrolls_sideways_P18(site, hire, scheme):
    for text in ("w" * 500, "Z̸̧̢̛̫͎͔͙̱͇̊͂͊̀͝a̵̜̘̎͐̕" * 20, "مرحبا hello"):
        say(site, text, "W" * 16)
    page = hire(**PHONE, color_scheme=scheme).is_live().page
    small = page.evaluate(SMALL_TARGETS)
    assert [html for html in small if "waits" not in html and "held" not in html] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# What did harm before


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_many_are_never_hidden_without_a_question_with_the_exact_count(site, hire, script):
    import_into(site, history(120, domain="spam"))
    say(site, "kept")
    moderator = hire(java_script_enabled=script)
    moderator.opens("/admin/?domain=spam")
    moderator.page.click("[value='hide:all']")
    expect(moderator.page.locator("main")).to_contain_text("120 comments will be hidden")
    say(site, "arrives meanwhile")
    moderate(site, "hide", "history-3", "history-4")
    assert len(visible(site)) == 120
    moderator.page.click("[name=confirmed]")
    moderator.is_told("Hidden: 118.")
    moderator.is_told("2 of the 120 had been changed meanwhile by a command")
    assert visible(site) == ["kept", "arrives meanwhile"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_erasing_takes_what_was_shown_whatever_arrives_before_and_after_the_question(site, hire, script):
    for number in range(3):
        say(site, f"secret {number}")
    moderate(site, "hide", say(site, "secret and hidden"), "")
    moderator = hire(java_script_enabled=script)
    moderator.opens("/admin/?q=secret&state=visible")
    with hearing(moderator) if script else nullcontext():  # the page has heard of it then, and does not show it
        say(site, "secret, after the list")
    moderator.page.click("[value='erase:all']")
    expect(moderator.page.locator("main")).to_contain_text("3 comments will be erased")
    say(site, "secret, after the question")
    site.manage("shell", "-v0", "-c", f"{COMMENT}; Comment.objects.restore()")
    moderator.page.click("[name=confirmed]")
    moderator.is_told("Erased: 3.")
    assert sorted(visible(site)) == ["secret and hidden", "secret, after the list", "secret, after the question"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_after_the_back_button_nothing_is_ticked_and_nothing_chosen(site, hire, script):
    for text in ("one", "two", "three"):
        say(site, text)
    moderator = hire(java_script_enabled=script)
    moderator.ticks("two")
    moderator.page.select_option("[name=ban]", "30d")
    moderator.row("three").locator("a").click()
    moderator.page.wait_for_url("**/comment/**")
    moderator.page.go_back()
    expect(moderator.row("two")).to_have_count(1)
    assert moderator.page.locator(":checked[name=chosen]").count() == 0
    assert moderator.page.locator("[name=ban]").input_value() == "1d"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_after_a_new_sign_in_in_another_tab_an_action_can_be_sent_again(site, hire, script):
    say(site, "to hide")
    moderator = hire(java_script_enabled=script)
    moderator.expects_failing_requests()
    other = moderator.context.new_page()
    other.goto(f"{site.url}/admin/")
    other.get_by_role("button", name="Sign out").click()
    moderator.signs_in(page=other_login(other, site))
    moderator.presses("to hide", "Hide")
    expect(moderator.page.locator("main")).to_contain_text("You have signed in again since this page was opened")
    expect(moderator.page.locator("main")).to_contain_text("hide one comment")
    assert "DEBUG" not in moderator.page.content()
    assert visible(site) == ["to hide"]
    moderator.page.get_by_role("button", name="Do it now").click()
    moderator.is_told("Hidden: 1")
    assert visible(site) == []


def other_login(page, site):
    page.goto(f"{site.url}/admin/login/?next=/admin/")
    return page


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_action_after_the_session_has_ended_is_done_after_signing_in(site, hire, script):
    for text in ("one", "two", "three", "kept"):
        say(site, text)
    moderator = hire(java_script_enabled=script)
    moderator.ticks("one", "two", "three")
    site.manage("shell", "-v0", "-c", f"{SESSION}; Session.objects.all().delete()")
    moderator.page.click("[value='hide:chosen']")
    moderator.page.wait_for_url("**/admin/login/**")
    assert len(visible(site)) == 4
    moderator.signs_in()
    expect(moderator.page.locator("main")).to_contain_text("hide 3 comments")
    moderator.page.get_by_role("button", name="Do it now").click()
    moderator.is_told("Hidden: 3")
    assert visible(site) == ["kept"]


@pytest.mark.parametrize("term", ["привет", "ПРИВЕТ", "überfall", "ÜBERFALL", "ÉCOLE", "école", "Éｃｏｌｅ"])
def test_words_are_found_whatever_their_case_and_width_R30(site, hire, term):
    say(site, "Привет, Überfall, École")
    say(site, "nothing of it")
    moderator = hire()
    moderator.page.fill("[type=search]", term)
    moderator.page.press("[type=search]", "Enter")
    expect(moderator.page.locator("#rows .row__text")).to_have_text(["Привет, Überfall, École"])


def test_who_comes_second_is_told_who_was_faster(site, hire):
    say(site, "twice")
    anna, mo = hire("anna"), hire(java_script_enabled=False)
    anna.presses("twice", "Hide")
    anna.is_told("Hidden: 1.")
    mo.presses("twice", "Hide")
    mo.is_told("Hidden: 0.")
    mo.is_told("already hidden by anna")


def test_with_keys_what_waits_is_decided_one_after_the_other(site, hire):
    for number in range(3):
        say(site, f"held {number}", address=f"127.0.0.{number + 1}")
    site.manage("shell", "-v0", "-c", f"{COMMENT}; Comment.objects.hold()")
    moderator = hire().is_live()
    moderator.page.keyboard.press("j")
    for number, key in enumerate("rhr"):
        expect(moderator.row(f"held {number}", "#waits").locator("a")).to_be_focused(timeout=10_000)
        moderator.page.keyboard.press(key)
    expect(moderator.page.locator("#waits-title")).to_have_text("Nothing waits", timeout=10_000)
    assert visible(site) == ["held 0", "held 2"]


# What moderators say


def test_what_moderators_say_reaches_every_open_page_and_moves_nothing(site, hire, arrive):
    import_into(site, history(60))
    pushed, polling = arrive(site).opens().is_live(), arrive(site).without_push().opens().is_live()
    pushed.scrolls_to(600)
    place = pushed.comment("comment 40").bounding_box()["y"]
    moderator = hire()
    page = moderator.page

    # As the staff: with a badge that a visitor with the same name and colour does not get.
    page.goto(f"{site.url}/admin/speak/")
    page.fill("[name=text]", "please be kind")
    page.get_by_role("button", name="Say it").click()
    moderator.is_told("Said.")
    for visitor in (pushed, polling):
        expect(visitor.comment("please be kind").get_by_text("Staff", exact=True)).to_be_attached(timeout=10_000)
    [said] = site.get("/api/comments?limit=1").json()["comments"]
    site.post({"text": "Staff says: send money", "username": said["username"], "color": said["color"], "staff": True})
    polling.sees("Staff says: send money")
    fake = polling.comment("Staff says: send money")
    expect(fake.locator(".comment__staff")).to_be_hidden()
    expect(fake).not_to_have_class(re.compile("comment--continued"))

    # Above the stream.
    page.goto(f"{site.url}/admin/speak/")
    page.fill("[name=announcement]", "back at eight: https://example.org")
    page.get_by_role("button", name="Announce it").click()
    moderator.is_told("It stands above the stream now")
    for visitor in (pushed, polling):
        expect(visitor.page.locator("#announcement")).to_have_text(
            "back at eight: https://example.org", timeout=10_000
        )
        expect(visitor.page.locator("#announcer")).to_have_text("Announcement: back at eight: https://example.org")
    assert abs(pushed.comment("comment 40").bounding_box()["y"] - place) < 1
    expect(pushed.page.locator("#announcement a")).to_have_attribute("href", "https://example.org")
    without_script = arrive(site, java_script_enabled=False).opens()
    expect(without_script.page.locator("#announcement")).to_be_visible()
    late = arrive(site).opens().is_live()
    expect(late.page.locator("#announcement")).to_be_visible()
    expect(late.page.locator("#announcer")).to_have_text("")  # it is no news there

    # Until it is ended.
    page.goto(f"{site.url}/admin/speak/")
    page.get_by_role("button", name="End it now").click()
    moderator.is_told("has ended")
    for visitor in (pushed, polling, late):
        expect(visitor.page.locator("#announcement")).to_be_hidden(timeout=10_000)
    assert abs(pushed.comment("comment 40").bounding_box()["y"] - place) < 1
