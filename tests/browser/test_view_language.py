"""The language of views as the script has it: the same table as the server's, and nothing that throws."""

import json
import random
import re
import unicodedata

import pytest

from comments.folding import folded
from comments.text.found import spans
from comments.wire.views import parsed
from tests.views.test_views import TABLE

SEED = 20180
READ = """async ({ parsed, written }, addresses) => {
  const { shows } = await import("/static/js/state/views.js");
  const { comments } = COMMENTS;
  return addresses.map((address) => {
    const view = parsed(address);
    const shown = comments.filter((comment) => shows(view, comment)).map(({ id }) => id);
    return { shown, written: written(view), broken: view.broken };
  });
}""".replace("COMMENTS", json.dumps({"comments": TABLE["comments"]}))


@pytest.fixture
def read(run):
    """What the script makes of these addresses."""
    return lambda addresses: run("state/grammar", READ, addresses)


def test_the_table_means_the_same_in_the_script_R27_R29_R30_R31_R34(read):
    found = read([f"#{case['address']}" for case in TABLE["cases"]])
    for case, made in zip(TABLE["cases"], found, strict=True):
        assert made == {name: case[name] for name in ("shown", "written", "broken")}, case["says"]


def test_no_address_throws_and_both_sides_make_the_same_of_it_R32(read):
    rng = random.Random(SEED)
    parts = [
        "u=",
        "-u=",
        "word=",
        "-word=",
        "search=",
        "mt=",
        "from=",
        "to=",
        "filteractive=",
        "x=",
        "&",
        "&",
        "+",
        ":",
    ]
    parts += ["alice", "Bob", "255000000", "999999999", "%", "%2", "%2B", "%5C", "%00", "%E6%97%A5", "日本", "é", "ß"]
    parts += ["true", "false", "human", "AI", "2018-01-31", "1517360400000", "#", "?", "=", "__proto__", "constructor"]
    addresses = ["".join(rng.choices(parts, k=rng.randrange(1, 14))) for _ in range(3000)]
    assert [made["written"] for made in read(addresses)] == [
        parsed(re.sub("^[#?]", "", address)).written() for address in addresses
    ]
    garbage = [
        "".join(chr(rng.choice([rng.randrange(128), rng.randrange(0x10000)])) for _ in range(40)) for _ in range(500)
    ]
    assert len(read([text.encode("utf-8", "replace").decode() for text in garbage])) == 500


WINDOW = """({ Stream }, steps) => {
  const stream = new Stream();
  const fresh = [];
  for (const [verb, argument] of steps) {
    if (verb === "view") stream.view(({ text }) => text.includes(argument));
    else if (verb === "apply") fresh.push(...stream.apply(argument).map(({ id }) => id));
    else stream[verb](argument);
  }
  return { ids: stream.comments.map(({ id }) => id), start: stream.start, end: stream.end, fresh };
}"""


def said(number: int) -> dict:
    text = "odd" if number % 2 else "even"
    return {"id": f"id-{number}", "timestamp": number, "text": text, "username": "Ada", "color": "255000000"}


def test_a_window_shows_what_the_view_shows_on_whichever_way_it_comes_R27(run):
    def window(*steps):
        return run("state/stream", WINDOW, steps)

    page = {"comments": [said(number) for number in range(10, 20)], "hasMore": True, "cursor": 1}
    older = {"comments": [said(number) for number in range(5, 10)], "hasMore": True}
    news = {"changes": [said(20), said(21), {"id": "id-15", "removed": True}, said(17)], "cursor": 2}
    steps = [["view", "odd"], ["load", page], ["apply", news], ["prepend", older]]
    shown = {
        "ids": [f"id-{number}" for number in (5, 7, 9, 11, 13, 17, 19, 21)],
        "start": 5,
        "end": 19,
        "fresh": ["id-21"],
    }
    assert window(*steps) == shown
    assert window(*steps[1:], steps[0]) == shown | {"fresh": ["id-20", "id-21"]}
    assert window(["view", "nothing"], ["load", page])["start"] == 10, "older ones are asked for all the same"
    changed = ["apply", {"changes": [said(11) | {"text": "now even"}], "cursor": 3}]
    assert "id-11" not in window(*steps, changed)["ids"]


MARK = """({ spans }, pairs) =>
  pairs.map(([text, term]) => spans(text, term).map(([start, stop]) => text.slice(start, stop)))"""


def test_server_and_script_mark_the_same_R30(run):
    rng = random.Random(SEED)
    letters = [
        "a",
        "A",
        "ß",
        "s",
        "S",
        "ﬁ",
        "f",
        "i",
        "é",
        "e",
        "\u0301",
        "ﾀ",
        "ﾞ",
        "ダ",
        "Σ",
        "ς",
        " ",
        "😀",
        "\u1100",
        "\u1161",
    ]
    pairs = [
        ["".join(rng.choices(letters, k=rng.randrange(20))), "".join(rng.choices(letters, k=rng.randrange(4)))]
        for _ in range(3000)
    ]
    made = run("state/found", MARK, pairs)
    assert made == [[text[start:stop] for start, stop in spans(text, term)] for text, term in pairs]


def test_server_and_script_fold_every_letter_alike_R30(run):
    letters = [chr(code) for code in range(0x20000) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]
    made = run("state/folding", "({ folded }, letters) => letters.map(folded)", letters)
    differing = [letter for letter, other in zip(letters, made, strict=True) if folded(letter) != other]
    # A newer Unicode may have given a partner to a letter that had none: then here it is folded to itself.
    assert [letter for letter in differing if folded(letter) != letter] == []
    assert len(differing) < 60
