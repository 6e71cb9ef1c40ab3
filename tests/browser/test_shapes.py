"""How texts are set, in the script: the table of tests/text/shapes_table.py, and the same as on the server."""

import random

from playwright.sync_api import expect

from comments.templatetags.stream import is_lone_emoji, shaped
from tests.text.shapes_table import CASES, LONE, NOT_LONE

SEED = 20170
SCRAPS = [">", "> ", "`", "``", "\n", "a", " ", "<b>", "&", "https://example.org", "🥀", "مرحبا", "\r", "\u2028"]
COMPARE = """async ({ shaped }, pairs) => {
  const { isLoneEmoji } = await import("/static/js/state/shapes.js");
  const different = [];
  for (const [text, html, isLone] of pairs) {
    const made = document.createElement("p");
    made.replaceChildren(...shaped(text));
    made.normalize();
    const served = new DOMParser().parseFromString(`<p>${html}</p>`, "text/html").querySelector("p");
    const isTyped = made.textContent === text;
    const isAlike = served.isEqualNode(made) && isLoneEmoji(text) === isLone;
    if (!isAlike || !isTyped) different.push([text, made.outerHTML, html]);
  }
  return different;
}"""


def test_server_and_script_set_every_text_alike_and_keep_what_was_typed(run):
    rng = random.Random(SEED)
    texts = [text for text, _ in CASES] + LONE + NOT_LONE
    texts += ["".join(rng.choices(SCRAPS, k=rng.randrange(1, 12))) for _ in range(3000)]
    texts = [text for text in texts if "\r" not in text]  # a parser of HTML makes line breaks of them
    pairs = [(text, str(shaped(text)), is_lone_emoji(text)) for text in texts]
    assert run("view/shaped", COMPARE, pairs) == []


def test_what_is_quoted_code_or_emoji_is_set_so_and_copied_as_typed_P29(arrive, site):
    typed = "> is it `bin/test`?\nyes, `bin/test`\n> and then?\nnothing"
    site.post({"text": typed, "username": "Ada", "id": "typed"})
    site.post({"text": "🥀", "username": "Ada", "id": "emoji"})
    visitor = arrive(site, permissions=["clipboard-read", "clipboard-write"]).opens().is_live()
    text = visitor.page.locator("#comment-typed .comment__text")
    assert text.bounding_box()["height"] < 4 * 24 + 20, "no empty line before or behind what is quoted"
    assert "mono" in text.locator("code").first.evaluate("(code) => getComputedStyle(code).fontFamily").lower()
    size = "(text) => parseFloat(getComputedStyle(text).fontSize)"
    assert visitor.page.locator("#comment-emoji .comment__text").evaluate(size) >= 2 * text.evaluate(size)
    text.evaluate("(text) => getSelection().selectAllChildren(text)")
    visitor.page.keyboard.press("Control+C")
    visitor.page.fill("#text", "")
    visitor.page.press("#text", "Control+V")
    expect(visitor.page.locator("#text")).to_have_value(typed)
