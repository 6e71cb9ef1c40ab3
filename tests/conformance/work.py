"""What work is, for one bot that does it: R56, R64, R65, R68, R70."""

from typing import Any

from .answers import must, soon
from .checks import check
from .site import Comment, Site

TO_DO = {"processed": False}
# What says nothing of work, or that it is done; and what a claim is told then.
NO_WORK = (
    (None, "not_for_bots"),
    ({}, "not_for_bots"),
    ({"processed": True}, "done"),
    ({"processed": None}, "not_for_bots"),
    ({"priority": 0}, "not_for_bots"),
)
MISTYPED: tuple[dict[str, Any], ...] = (
    {"processed": 0},
    {"processed": "false"},
    {"priority": -1},
    {"priority": "5"},
    {"priority": "first"},
    {"priority": True},
    {"priority": 1.5},
)


def ask_by_priority(site: Site) -> None:
    """Not in the order in which they come first, which is their texts': 0, 0 later, 5, none."""
    for text, params in (("none", {}), ("5", {"priority": 5}), ("0", {"priority": 0}), ("0 later", {"priority": 0})):
        site.ask_bots(text, **params)


def params_of(site: Site, comment: Comment) -> Any:
    return site.get(f"/api/comments/{comment['id']}").of(200)["botParams"]


@check("R65")
def a_question_is_claimed_answered_and_done_in_one_go(site: Site) -> None:
    before = site.head()
    question = site.say("How are you?", context=["the page"], botParams=TO_DO)
    offered = [(work["id"], work["context"], work["botParams"], work["attempts"]) for work in site.offered()]
    must(offered == [(question["id"], ["the page"], TO_DO, 0)], f"what is offered is {offered}")
    claimed = site.act(question, "claim", seconds=30).of(200)
    must(claimed["attempt"] == 1 and site.offered() == [], "a first claim is not one, or is offered still")
    answer = site.act(question, "reply", lease=claimed["lease"], text="Fine").of(201)
    bot = site.post("by the same bot")["username"]
    told = [answer[name] for name in ("replyTo", "username", "message-type", "domain", "text")]
    must(told == [question["id"], bot, "AI", site.room, "Fine"], f"an answer says of itself {told}")
    must(params_of(site, question) == {"processed": True}, "the question does not say that it is done")
    changes = [change["text"] for change in site.changes(before, token=None)["changes"]]
    must(changes[:2] == ["How are you?", "Fine"], "visitors are told something else")


@check("R65")
def a_reply_that_is_refused_changes_nothing(site: Site) -> None:
    question = site.ask_bots("Well?")
    lease = site.claim(question)
    site.act(question, "reply", lease=lease, text="").of(422)
    must(params_of(site, question) == TO_DO, "a reply that is refused ends the work")
    site.act(question, "reply", lease=lease, text="Fine").of(201)


@check("R64")
def what_does_not_say_false_is_no_work(site: Site) -> None:
    for params, code in NO_WORK:
        comment = site.post(f"with {params}", botParams=params)
        must(site.offered() == [], f"botParams {params} is work")
        site.act(comment, "claim").of(409, code, f"a claim of botParams {params}")


@check("R56")
def what_says_something_of_work_is_typed(site: Site) -> None:
    question = site.ask_bots("Is it?")
    for wrong in MISTYPED:
        comment = {"text": "Hi", "username": "Ada", "domain": site.room, "botParams": wrong}
        site.ask("POST", "/api/comments", comment, token=None).of(422, to=f"a post with {wrong}")
        site.note(question, **wrong).of(422, to=f"a note of {wrong}")
    must(params_of(site, question) == TO_DO, "a note that is refused is noted")


@check("R68")
def a_page_of_work_is_its_beginning(site: Site) -> None:
    ask_by_priority(site)

    def is_beginning() -> bool:
        """But for who works meanwhile."""
        few, all_of_it = (site.get(f"/api/bots/work?limit={limit}").of(200)["work"] for limit in (2, 100))
        must(len(few) == 2, "limit=2 is not two of what there is to do")
        return [work["id"] for work in few] == [work["id"] for work in all_of_it[:2]]

    soon(is_beginning, "limit=2 is not what comes first")


@check("wire")
def the_old_mark_ends_the_work_and_asks_anew(site: Site) -> None:
    question = site.ask_bots("And now?")
    site.note(question, processed=True).of(200)
    must(site.offered() == [], "what is marked as done is offered")
    site.note(question, processed=False).of(200)
    site.act(question, "reply", lease=site.claim(question), text="Fine").of(201)
    site.note(question, processed=False).of(200)
    claimed = site.act(question, "claim").of(200)
    must(claimed["attempt"] == 1, f"what is asked anew was tried {claimed['attempt']} times")
    site.act(question, "release", lease=claimed["lease"], retryAfterSeconds=0).of(200)


@check("R70")
def a_bots_message_is_work_if_it_asks_for_it(site: Site) -> None:
    site.post("I am a bot")
    must(site.offered() == [], "what a bot says is work, unasked")
    asked = site.ask_bots("Another opinion?")
    must([work["id"] for work in site.offered()] == [asked["id"]], "a bot that asks is not heard")
