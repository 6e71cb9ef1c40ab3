"""Pictures of the page in each state, at two widths, light and dark."""

import itertools
import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.support.servers import UNLIMITED, Server

STILL = {"reduced_motion": "reduce"}  # or a picture shows what is about to come
WIDTHS = {390: 780, 1280: 800}  # and how high
MINUTE_MS = 60_000
COLORS = {
    "Yuki": "214036126",
    "Leïla": "116063190",
    "weatherbot": "110110118",
    "Jonas": "011095165",
    "tom": "020128074",
    "marta": "176058024",
    "Ines": "150030040",
    "أمل": "000120110",
    "דניאל": "090090200",
}
FROM_THE_RIGHT = [
    (190, "דניאל", "בוקר טוב! מי מביא לחם היום?"),
    (188, "أمل", "أنا. الخبز جاهز عند الساعة 10:30."),
    (187, "أمل", "> מי מביא לחם היום?\nعندي نوعان، والثاني فيه زعتر."),
    (64, "Jonas", "I take two of each, please (and the recipe)."),
    (63, "דניאל", "המתכון כאן: https://example.org/bread?lang=he — הכי טוב עם `זעתר`."),
    (8, "weatherbot", "בירות עכשיו: 21 °C, בהיר."),
    (3, "أمل", "😂"),
    (2, "דניאל", "שבת שלום"),
]
# Minutes ago, who, what.
SAID = [
    (1650, "marta", "The market on Sunday is in the hall again, not on the square."),
    (1649, "Jonas", "Because of the rain?"),
    (1648, "marta", "Because of the pigeons."),
    (1640, "tom", "😂"),
    (205, "Yuki", "Miso with pumpkin. I follow this one more or less: https://example.org/pumpkin-miso-soup"),
    (204, "Yuki", "Less of the sugar, more of the ginger."),
    (150, "Leïla", "Good morning from Tunis, where the sun has not heard of winter yet ☀️"),
    (149, "weatherbot", "Lübeck now: 2 °C, light rain. Tunis now: 21 °C, clear."),
    (148, "Jonas", "That is just rude."),
    (47, "tom", "Question for the bread people: my sourdough smells like nail polish remover. Dead or hungry?"),
    (
        45,
        "marta",
        "> Dead or hungry?\nHungry! Feed it twice a day for a while, `1 : 2 : 2`, and keep it somewhere warm.",
    ),
    (44, "marta", "It forgives almost everything."),
    (31, "tom", "Unlike the neighbours, since the tomatoes."),
    (12, "أمل", "مرحبا من بيروت! هل الحساء جاهز؟"),
    (9, "Yuki", "Nearly. 20 minutes."),
    (4, "Jonas", "yes please"),
    (2, "Leïla", "how is it only Tuesday"),
]


def comments(said: list[tuple[int, str, str]] = SAID) -> list[dict]:
    now = time.time_ns() // 1_000_000
    return [
        {
            "timestamp": now - ago * MINUTE_MS,
            "username": name,
            "text": text,
            "color": COLORS[name],
            "message-type": "AI" if name == "weatherbot" else "human",
        }
        for ago, name, text in said
    ]


def put_into(server: Server, comments: list[dict]) -> None:
    server.manage("import_comments", "-", input="\n".join(map(json.dumps, comments)))


class Studio:
    """Takes pictures of one page: `studio(name)`."""

    def __init__(self, page: Page, folder: Path, suffix: str):
        self.page, self.folder, self.suffix = page, folder, suffix

    def __call__(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"{name}-{self.suffix}.png")


def take(browser: Browser, folder: Path) -> None:
    for (width, height), scheme in itertools.product(WIDTHS.items(), ("light", "dark")):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **STILL)
        picture = Studio(context.new_page(), folder, f"{width}-{scheme}")
        with new_site([]) as empty, new_site(comments()) as busy:
            of_states(picture, busy.url, empty.url)
        with new_site(comments(FROM_THE_RIGHT)) as site:
            of_the_right(picture, site.url)
        context.close()


@contextmanager
def new_site(comments: list[dict]) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as var:
        server = Server(Path(var), **UNLIMITED)
        server.manage("migrate", "-v0")
        put_into(server, comments)
        with server:
            yield server


def of_states(picture: Studio, busy: str, empty: str) -> None:
    of_reading(picture, busy, empty)
    of_writing(picture, busy)
    of_trouble(picture)
    of_settings(picture, busy)
    of_looking(picture, busy)
    of_acting(picture, busy)
    opened(picture, f"{busy}/?lang=de")
    picture("german")
    picture.page.goto(f"{busy}/api/docs#post_comment")
    picture("reference")


def opened(picture: Studio, url: str) -> Page:
    picture.page.goto(url)
    expect(picture.page.locator("#connection")).to_have_attribute("data-state", "live", timeout=10_000)
    return picture.page


def of_reading(picture: Studio, busy: str, empty: str) -> None:
    opened(picture, empty)
    picture("empty")
    opened(picture, busy)
    picture("first-visit")


def of_writing(picture: Studio, busy: str) -> None:
    page = picture.page
    page.fill("#name", "Ines")
    page.fill("#color", "#961e28")
    page.dispatch_event("#color", "change")
    page.fill("#text", "Is there soup left?")
    picture("busy")
    page.press("#text", "Enter")
    page.fill("#text", "I bring bread, and `two` spoons.")
    page.press("#text", "Enter")
    expect(page.locator("#outbox .comment")).to_have_count(0)
    picture("own")
    page.evaluate("document.querySelector('#stream').scrollTop = -120")
    expect(page.locator("#day")).to_be_visible()
    picture("scrolled-back")


def of_trouble(picture: Studio) -> None:
    page = picture.page
    page.context.set_offline(True)
    page.fill("#text", "Can you hear me?")
    page.press("#text", "Enter")
    expect(page.locator("#waiting")).to_be_visible()
    picture("offline")
    page.context.set_offline(False)
    expect(page.locator("#outbox .comment")).to_have_count(0, timeout=20_000)
    refusal = {"status": 403, "body": '{"error": "You cannot post here for now.", "code": "banned"}'}
    page.route("**/api/comments", lambda route: route.fulfill(**refusal))
    page.fill("#text", "Something that the server does not take")
    page.press("#text", "Enter")
    expect(page.locator("#problem")).not_to_be_empty()
    picture("refused")
    page.unroute("**/api/comments")
    page.fill("#text", "")


def of_settings(picture: Studio, busy: str) -> None:
    page = opened(picture, busy)
    page.click("#open-settings")
    picture("settings")
    page.get_by_text(re.compile("^Keys$")).click()
    picture("keys")
    page.keyboard.press("Escape")


def of_looking(picture: Studio, busy: str) -> None:
    page = opened(picture, f"{busy}/#u=Yuki+marta:176058024&-word=sugar&filteractive=true")
    expect(page.get_by_text("how is it only Tuesday")).to_have_count(0)
    page.get_by_label("Sound for Yuki").select_option("bell")
    picture("filtered")
    page.get_by_role("switch").click()
    picture("filtered-off")
    page.click("#find")
    picture("panel")
    page.keyboard.press("Escape")
    page.evaluate("location.hash = 'search=the'")
    expect(page.locator("mark").first).to_be_visible()
    picture("search")
    page.evaluate("location.hash = 'word=nobody-said-this'")
    expect(page.locator(".empty--viewed")).to_be_visible()
    picture("nothing-matches")


def of_acting(picture: Studio, busy: str) -> None:
    page = opened(picture, busy)
    bread = page.locator(".comment", has_text="Question for the bread people").last
    bread.hover()
    picture("actions")
    bread.get_by_text("Question").dblclick(position={"x": 100, "y": 10})
    expect(page.locator(".actions__word")).to_be_visible()
    picture("selected")
    page.evaluate("getSelection().removeAllRanges()")
    page.click(".actions [data-act=reply]")
    page.fill("#text", "Hungry, I would say.")
    picture("replying")
    page.press("#text", "Enter")
    expect(page.locator(".comment__quote").last).to_contain_text("tom")
    picture("answered")
    page.locator(".comment", has_text="Because of the pigeons").last.hover()
    page.click(".actions [data-act=hide]")
    picture("hidden-for-me")
    page.click("#find")
    picture("hidden-list")
    page.get_by_role("button", name="Show marta again").click()
    page.goto(f"{busy}/c/{bread.get_attribute('id').removeprefix('comment-')}")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=10_000)
    picture("permalink")
    page.goto(f"{busy}/c/nothing")
    picture("permalink-to-nothing")


def of_the_right(picture: Studio, site: str) -> None:
    """As in a language that is written from the right."""
    page = opened(picture, site)
    page.evaluate("document.documentElement.dir = 'rtl'")
    picture("right-to-left")
    page.evaluate("location.hash = 'u=דניאל:090090200&-word=bread'")
    page.locator(".comment").last.hover()
    picture("right-to-left-filtered")
    page.click("#open-settings")
    picture("right-to-left-settings")
