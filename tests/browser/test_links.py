"""Where links begin and end, in the script: the table of tests/text/test_links.py, and the same as on the server."""

import random

import pytest

from comments.templatetags.stream import linked
from tests.text.links_table import CASES, in_full

SEED = 20170
LINKS = """({ linked }, text) => linked(text)
  .filter((node) => node.href)
  .map((link) => [link.textContent, link.getAttribute("href")])"""
NODES = "[...nodes].map((node) => [node.nodeName, node.textContent, node.href, node.rel, node.target])"
MADE = f"""({{ linked }}, texts) => texts.map((text) => {{
  const p = document.createElement("p");
  p.replaceChildren(...linked(text));
  const nodes = p.childNodes;
  return {NODES};
}})"""
PARSED = f"""(module, texts) => texts.map((html) => {{
  const nodes = new DOMParser().parseFromString(`<p>${{html}}`, "text/html").querySelector("p").childNodes;
  return {NODES};
}})"""
PIECES = r"""https:// http:// https://example.org example.org . , : ; ! ? ' " ( ) [ ] { } / # @ % \ $ & = _ ~ * | - `
< > 's ’s … ， 。 「 」 ؟ । – — ・ · é 雪 а ο ß 🥀 : :80 :99999 0x7f.1 127.1 ::1 a b xn-- xn--pple-43d"""
UNSEEN = [" ", "\n", "\u00a0", "\u3000", "\u200b", "\u200c", "\u200d", "\u00ad", "\u200f"]


def scraps(count: int) -> list[str]:
    rng, pieces = random.Random(SEED), PIECES.split() + UNSEEN
    return ["https://" + "".join(rng.choices(pieces, k=rng.randrange(1, 9))) for _ in range(count)]


@pytest.mark.parametrize(("text", "links"), CASES, ids=range(len(CASES)))
def test_what_is_a_link_and_what_is_not_P28(run, text, links):
    assert [tuple(link) for link in run("view/links", LINKS, text)] == in_full(links)


def test_server_and_script_make_the_same_of_every_text_P28(run):
    texts = [text for text, _ in CASES] + scraps(5000)
    made = run("view/links", MADE, texts)
    parsed = run("view/links", PARSED, [str(linked(text)) for text in texts])
    different = [(text, one, other) for text, one, other in zip(texts, made, parsed, strict=True) if one != other]
    assert different == []


def test_a_link_opens_apart_and_tells_its_page_nothing_P28(run):
    rel, target = run("view/links", "({ linked }) => { const [a] = linked('https://a.b'); return [a.rel, a.target] }")
    assert (rel, target) == ("nofollow ugc noopener noreferrer", "_blank")
