"""Whom and what a reader wants to see."""

from urllib.parse import quote

from .answers import must
from .checks import check
from .site import Comment, Site, texts

NAMES = ["C++", "+", "Re:Zero", ":", "a\\b", "a\\", "\\+:", "x:1+y", "100%", "ä+ö"]
SHRUG = "¯\\_(ツ)_/¯"
ORANGE = "255000000"
# What is found by which query, of what `scene` has; {room} and {bot} are those of the run.
FOUND = {
    "domain={room}-b": ["two", "three"],
    "type=AI": ["Vier"],
    "type=human&domain={room}-a": ["one"],
    "search=THR": ["three"],
    "uss=jos%C3%A9": ["one"],
    "uss=%E6%97%A5%E6%9C%AC": ["two", "three"],
    f"uss=%E6%97%A5%E6%9C%AC:{ORANGE}": ["two"],
    "uss=jose": [],
    "uss=JOS%C3%89+{bot}": ["one", "Vier"],
    "uss=JOS%C3%89%2B{bot}": ["one", "Vier"],
    "domain=all": ["one", "two", "three", "Vier"],
}


def escaped(name: str) -> str:
    """A name as one of `uss`."""
    return name.replace("\\", "\\\\").replace("+", "\\+").replace(":", "\\:")


def scene(site: Site) -> list[Comment]:
    return [
        site.say("one", username="José", domain=f"{site.room}-a"),
        site.say("two", username="日本", domain=f"{site.room}-b", color=ORANGE),
        site.say("three", username="日本", domain=f"{site.room}-b", color="#00ff00"),
        site.post("Vier"),
    ]


@check("wire")
def filters_work_on_every_form(site: Site) -> None:
    cursor = site.head()
    said = scene(site)
    bot, after = quote(escaped(said[-1]["username"]), safe=""), said[0]["timestamp"] - 1
    for pattern, expected in FOUND.items():
        query = pattern.format(room=site.room, bot=bot)
        forms = {
            "list": site.get(f"/api/comments?limit=1000&{query}").of(200)["comments"],
            "poll": site.get(f"/api/comments?after={after}&{query}").of(200),
        }
        if "uss" not in query and "search" not in query:
            forms["feed"] = site.get(f"/api/changes?after={cursor}&{query}").of(200)["changes"]
        for form, found in forms.items():
            must(texts(site.own(found)) == expected, f"the {form} of {query} has {texts(site.own(found))}")


@check("wire")
def every_name_has_a_spelling_among_the_users(site: Site) -> None:
    parts = {name.strip("+:\\")[:1] or "p" for name in NAMES}
    for name in ["Ada", *sorted(parts), *NAMES]:
        site.say(f"I am {name}", username=name)
    for name in NAMES:
        for spelled in (quote(escaped(name), safe=""), quote(escaped(name), safe="+:\\")):
            found = texts(site.listed(f"&uss={spelled}"))
            must(found == [f"I am {name}"], f"uss={spelled} finds {found}")
            found = texts(site.listed(f"&uss={spelled}+Ada"))
            must(found == ["I am Ada", f"I am {name}"], f"uss={spelled}+Ada finds {found}")


@check("wire")
def a_backslash_before_another_letter_is_one_of_the_name_as_in_old_links(site: Site) -> None:
    site.say("shrug", username=SHRUG, color=ORANGE)
    spelled = quote(SHRUG, safe="")
    must(texts(site.listed(f"&uss={spelled}:{ORANGE}")) == ["shrug"], "an old link to a name with a backslash is dead")


@check("wire")
def a_list_of_users_says_so_in_the_words_that_old_pages_look_for(site: Site) -> None:
    answer = site.get("/api/comments?uss=ada%20x+Ada", token=None).of(200)
    told = (answer.get("serverSideSearch"), answer.get("query"))
    must(told == (True, "ada%20x+Ada"), f"a list of users says {told}")
    other = site.get("/api/comments?search=x", token=None).of(200)
    must("serverSideSearch" not in other, "another list says that it is one of users")


@check("wire")
def a_filter_finds_a_domain_however_it_is_written(site: Site) -> None:
    room = f"{site.room}.News"
    id = site.post("news", domain=room)["id"]
    for written in (room.lower(), room, room.upper()):
        listed = site.get(f"/api/comments?domain={written}").of(200)["comments"]
        changes = site.get(f"/api/changes?after=0&domain={written}").of(200)["changes"]
        must([[one["id"] for one in found] for found in (listed, changes)] == [[id], [id]], f"nothing is in {written}")
    everywhere = site.get("/api/comments?domain=ALL&limit=1000").of(200)["comments"]
    must([one["id"] for one in site.own(everywhere)] == [id], "ALL is not all domains")


@check("wire")
def a_filtered_feed_moves_on_even_when_nothing_passes(site: Site) -> None:
    before = site.head()
    site.several(25)
    versions = [change["version"] for change in site.drained(before)]
    page = site.get(f"/api/changes?after={before}&domain=not-{site.room}&limit=10").of(200)
    must((page["changes"], page["hasMore"]) == ([], False), "a room in which nobody speaks has news")
    must(versions[-1] <= page["cursor"], "the feed of a silent room does not move on")
    page = site.changes(before, "&type=human&limit=10")
    must(page["changes"] == [] and page["cursor"] >= versions[9], "a feed of which nothing passes does not move on")
    is_left = page["cursor"] < versions[-1]
    must(page["hasMore"] is is_left, "a feed of which nothing passes says wrongly whether more follows")
