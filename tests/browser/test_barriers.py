"""What axe-core finds on the pages, as they are and in each state that a visitor may see."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import broken_route, history, import_into
from tests.support.cast import PASSWORD

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# It would load the styles once more, from where they are not, and put them into the page, which its policy forbids.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


SPOKEN = """
from comments.stream.record import Act
from comments.text.cleaning import Draft
from comments.writing import announcing, posting
announcing.announce("Back at eight: https://example.org/", "1d", Act("mo"))
posting.speak(Draft(text="Please be kind.", username="Moderator"), Act("mo"))
"""


@pytest.fixture(scope="module")
def busy_site(make_server):
    """Has comments of all kinds, and a moderator."""
    with make_server("sqlite", POSTS_PER_MINUTE="100000", POSTS_PER_BURST="100000") as server:
        import_into(server, history(60))
        import_into(server, history(1, id="bot", username="bot", text="beep https://example.org/"))
        server.post({"text": "x\n" * 40 + "x", "username": "Ada", "color": "000000255"})
        server.post({"text": "مرحبا\nhello", "username": "أحمد", "color": "255255000"})
        server.manage("create_bot", "echo", "--operator", "Ada, ada@example.org", "--purpose", "to try things")
        server.manage("create_moderator", "mo", input=f"{PASSWORD}\n")
        server.manage("shell", "-v0", "-c", SPOKEN)
        yield server


@pytest.fixture(params=["light", "dark"])
def visitor(request, arrive, busy_site):
    return arrive(busy_site, color_scheme=request.param)


def assert_no_barriers(visitor) -> None:
    found = Axe().run(visitor.page, options=OPTIONS)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_on_the_page_P25(visitor):
    visitor.opens().is_live()
    expect(visitor.page.locator(".comment__more")).to_be_visible()
    assert_no_barriers(visitor)
    visitor.comment("Please be kind.").hover()
    visitor.comment("Please be kind.").get_by_role("button", name="Report").click()
    assert_no_barriers(visitor)


def test_axe_finds_nothing_in_the_settings_with_the_help_on_keys_P25(visitor):
    visitor.opens().is_live()
    visitor.page.focus("#stream")
    visitor.page.keyboard.press("?")
    visitor.page.locator("#settings [name=sound]").select_option("bell")
    expect(visitor.page.locator("#mute")).to_be_visible()
    assert_no_barriers(visitor)


def test_axe_finds_nothing_above_the_end_with_news_and_a_refused_form_P25(visitor, busy_site):
    visitor.opens().is_live()
    visitor.scrolls_to(1200)
    busy_site.post({"text": "news", "username": "Eve"})
    expect(visitor.page.locator("#pill")).to_be_visible()
    visitor.page.fill("#text", "x" * 1010)
    visitor.page.press("#text", "Enter")
    expect(visitor.page.locator("#problem")).to_contain_text("too long")
    assert_no_barriers(visitor)


def test_axe_finds_nothing_in_a_view_in_the_panel_and_at_a_comments_buttons_P25(visitor):
    visitor.opens("/#u=user%201+user%202&-word=zzz&search=comment&mt=human&filteractive=false").is_live()
    expect(visitor.page.locator("#chips .chip")).to_have_count(5)
    visitor.page.locator("#comments .comment").last.hover()
    expect(visitor.page.locator(".actions")).to_be_visible()
    assert_no_barriers(visitor)
    visitor.page.get_by_role("switch").click()
    assert_no_barriers(visitor)
    visitor.page.click("#find")
    assert_no_barriers(visitor)


def test_axe_finds_nothing_while_comments_wait_P25(visitor):
    visitor.opens().is_live()
    with broken_route(visitor, "**/api/comments"):
        visitor.is_named("Ada").says("on its way")
        expect(visitor.page.locator("#waiting")).to_be_visible()
        assert_no_barriers(visitor)


def test_axe_finds_nothing_on_a_phone_P25(arrive, busy_site):
    visitor = arrive(busy_site, **PHONE).opens().is_live()
    assert_no_barriers(visitor)


PATHS = ["/", "/?search=comment&before=99999999999999", "/c/history-7", "/c/bot/report", "/bots/echo", "/no-such-page"]


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_on_pages_without_a_script_P25_P34(arrive, busy_site, path):
    visitor = arrive(busy_site)  # axe itself is a script
    visitor.expects_failing_requests()
    visitor.page.route("**/*.js", lambda route: route.abort())
    assert_no_barriers(visitor.opens(path))


def test_axe_finds_nothing_at_sign_in_and_on_the_desk_P25(visitor):
    visitor.opens("/admin/")
    assert_no_barriers(visitor)
    visitor.page.fill("[name=username]", "mo")
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.press("[name=password]", "Enter")
    visitor.page.wait_for_load_state()
    for path in ("/admin/", "/admin/bans/", "/admin/record/", "/admin/speak/", "/admin/second-factor/"):
        assert_no_barriers(visitor.opens(path))


def test_axe_finds_nothing_on_the_reference_of_the_api_P25(visitor):
    visitor.opens("/api/docs")
    visitor.page.locator("summary").first.click()
    expect(visitor.page.locator("details pre").first).to_be_visible()
    assert_no_barriers(visitor)
