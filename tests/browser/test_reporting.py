"""Reporting a comment on the page: by keyboard, by touch, and without a script. P32, P22, P18."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import moderate

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def reported(site) -> list:
    code = (
        "from comments.models import Report; print([(r.comment_id, r.reason, r.note) for r in Report.objects.all()])"
    )
    return eval(site.manage("shell", "-v0", "-c", code).stdout)


def test_a_comment_is_reported_by_keyboard_and_the_focus_comes_back_P32_P22(arrive, new_site):
    bad = new_site.post({"text": "bad words", "username": "Mallory"}).json()["id"]
    gone = new_site.post({"text": "soon gone", "username": "Eve"}).json()["id"]
    visitor = arrive(new_site).opens().is_live()
    page, dialog = visitor.page, visitor.page.locator("#report")
    entry = visitor.comment("bad words").get_by_role("button", name="Report")

    # Esc closes without a report, and the focus is where it was.
    visitor.comment("bad words").focus()
    entry.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Mallory bad words")
    expect(dialog.get_by_role("radio", name="Something else")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(visitor.comment("bad words")).to_be_focused()

    # While there is no network it says so, and all that was chosen stays.
    visitor.expects_failing_requests()
    entry.press("Enter")
    dialog.get_by_role("radio", name="Insults").check()
    dialog.get_by_role("textbox").fill("twice today")
    page.route("**/report", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("could not be reached")
    page.unroute("**/report")

    # Then it is sent once, however often it is pressed, and said.
    posts = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    dialog.get_by_role("button", name="Report it").dblclick()
    expect(page.locator("#announcer")).to_have_text("Reported. The moderators will see it.")
    expect(dialog).to_be_hidden()
    done = visitor.comment("bad words").get_by_role("link", name="Reported")
    expect(done).to_be_visible()
    expect(visitor.comment("bad words")).to_be_focused()
    entry.press("Enter")
    expect(dialog).to_be_hidden()
    assert len(posts) == 1
    assert reported(new_site) == [(bad, "abuse", "twice today")]

    # One that goes meanwhile: the answer says so, and the focus is not lost.
    visitor.comment("soon gone").focus()
    visitor.comment("soon gone").get_by_role("button", name="Report").press("Enter")
    moderate(new_site, "hide", gone)
    visitor.does_not_see("soon gone")
    dialog.get_by_role("button", name="Report it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no comment with this id")
    page.keyboard.press("Escape")
    visitor.waits_for("() => document.activeElement.closest('#stream') !== null")


def test_a_thumb_reports_what_it_has_touched_P32_P18(arrive, new_site):
    bad = new_site.post({"text": "bad words", "username": "Mallory"}).json()["id"]
    visitor = arrive(new_site, **PHONE).opens().is_live()
    entry = visitor.comment("bad words").get_by_role("button", name="Report")
    expect(entry).to_be_hidden()  # a stray tap opens nothing
    visitor.comment("bad words").tap()
    expect(entry).to_be_visible()
    assert entry.bounding_box()["height"] >= 44
    entry.tap()
    visitor.page.get_by_label("Spam or advertising").tap()
    visitor.page.get_by_role("button", name="Report it").tap()
    expect(visitor.comment("bad words")).to_have_class(re.compile("comment--reported"))
    assert reported(new_site) == [(bad, "spam", "")]


def test_without_a_script_it_is_a_page_P32_P34(arrive, new_site):
    bad = new_site.post({"text": "bad words", "username": "Mallory"}).json()["id"]
    visitor = arrive(new_site, java_script_enabled=False).opens()
    visitor.comment("bad words").get_by_role("link", name="Report").click()
    visitor.page.get_by_label("Against the law").check()
    visitor.page.get_by_role("button", name="Report it").click()
    expect(visitor.page.get_by_role("status").filter(has_text="moderators")).to_be_visible()
    visitor.page.get_by_role("link", name="Back to the stream").click()
    visitor.sees("bad words")
    assert reported(new_site) == [(bad, "illegal", "")]
