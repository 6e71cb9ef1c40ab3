"""Pictures at two widths, light and dark: `python -m tests.browser.pictures FOLDER` of the page in each of its states,
and of all pages of the desk; with `page` behind it, of the page alone."""

import argparse
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import page_pictures
from tests.support import needs
from tests.support.cast import PASSWORD
from tests.support.private_postgres import free_port
from tests.support.servers import UNLIMITED, Server

WIDTHS = {390: 780, 1280: 760}  # and how high
SAID = [
    ("Grüße aus Köln, who is awake?", "Anna", 2),
    ("me, it is morning here", "日本太郎", 3),
    ("BUY FOLLOWERS http://followers.example", "promo", 9),
    ("does anybody know when the stream starts?", "Ada", 4),
    ("at eight, I think", "Bob", 5),
    ("BUY FOLLOWERS NOW http://followers.example", "promo2", 9),
    ("thank you!", "Ada", 4),
    ("you are all idiots", "troll", 8),
]
OF_ADMINISTRATORS = {
    "rules": "/admin/rules/",
    "accounts": "/admin/auth/user/",
    "bots": "/admin/bots/",
    "one-bot": "/admin/bots/1/",
    "webhooks": "/admin/bots/1/hooks/",
    "public-bot": "/bots/echo",
}
PREPARE = """
from comments.models import Comment
from comments.stream.record import Act
from comments.text.cleaning import Draft
from comments.writing import announcing, posting
Comment.objects.filter(text__startswith="BUY FOLLOWERS http").hide(Act("anna", "spam", "the third today"))
Comment.objects.filter(text="at eight, I think").hold(Act("reports"))
announcing.announce("We start at eight. Until then: https://example.org/plan", "1h", Act("mo"))
posting.speak(Draft(text="Please be kind to each other.", username="Moderator"), Act("mo"))
"""


def prepared(server: Server) -> dict[str, str]:
    """A stream with something to decide; the ids of its comments, by their texts."""
    server.manage("create_moderator", "mo", input=f"{PASSWORD}\n")
    server.manage("create_moderator", "ad", "--administrator", input=f"{PASSWORD}\n")
    server.manage("create_bot", "echo")
    server.manage("create_webhook", "echo", f"http://127.0.0.1:{free_port()}/hook")
    ids = {}
    for text, name, last in SAID:
        posted = server.post({"text": text, "username": name}, address=f"127.0.0.{last}")
        ids[text] = posted.json()["id"]
    server.manage("shell", "-v0", "-c", PREPARE)
    server.post({"reason": "abuse"}, f"/api/comments/{ids['you are all idiots']}/report")
    return ids


def sign_in(page: Page, server: Server, name: str) -> None:
    page.goto(f"{server.url}/admin/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("[type=submit]")


def take(browser: Browser, server: Server, ids: dict[str, str], folder: Path) -> None:
    spam = ids["BUY FOLLOWERS http://followers.example"]
    pages = {"comment": f"/admin/comment/{spam}/", "bans": "/admin/bans/", "record": "/admin/record/"}
    pages |= {"speak": "/admin/speak/", "second-factor": "/admin/second-factor/"}
    for (width, height), scheme in itertools.product(WIDTHS.items(), ("light", "dark")):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()

        def picture(name: str, page: Page = page, suffix: str = f"{width}-{scheme}") -> None:
            page.screenshot(path=folder / f"{name}-{suffix}.png")

        page.goto(f"{server.url}/admin/")
        picture("sign-in")
        sign_in(page, server, "mo")
        page.get_by_text("· live").wait_for()
        picture("desk")
        if not page.locator("#said button").count():
            page.locator(".row", has_text="FOLLOWERS NOW").get_by_role("button", name="All + ban").click()
            page.get_by_role("button", name="Undo").wait_for()
        picture("undo")
        for name, address in pages.items():
            page.goto(server.url + address)
            picture(name)
        page.goto(server.url + pages["comment"])
        page.get_by_role("button", name="Erase…").click()
        page.get_by_text("Erase for good?").wait_for()
        picture("erase")
        of_visitors(page, server, picture)
        context.clear_cookies()
        sign_in(page, server, "ad")
        for name, address in OF_ADMINISTRATORS.items():
            page.goto(server.url + address)
            picture(name)
        page.goto(f"{server.url}/admin/")
        page.get_by_role("link", name="Work", exact=True).click()
        page.get_by_role("heading", name="Work for bots").wait_for()
        picture("queue")
        context.close()


def of_visitors(page: Page, server: Server, picture: Callable[[str], None]) -> None:
    """What moderators have said, and how it is reported."""
    page.goto(server.url)
    page.get_by_text("Live").wait_for()
    picture("said")
    troll = page.locator(".comment").filter(has_text="idiots")
    troll.focus()
    troll.locator("[data-act=report]").click()
    picture("report")


def take_desk(browser: Browser, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as var:
        server = Server(Path(var), WEBHOOK_NETWORKS="127.0.0.0/8", **UNLIMITED)
        server.manage("migrate", "-v0")
        with server:
            take(browser, server, prepared(server), folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("only", nargs="?", choices=["page"])
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.chromium(), args=["--no-sandbox"])
        page_pictures.take(browser, asked.folder)
        if not asked.only:
            take_desk(browser, asked.folder)
        browser.close()


if __name__ == "__main__":
    main()
