"""What servers do wrong with the work of bots."""

from .spoiling import Exchange
from .wrong_wire import understand


def params_in(asked: Exchange) -> dict | None:
    return asked["sent"].get("botParams") if isinstance(asked["sent"], dict) else None


def give_every_claim(exchange: Exchange) -> None:
    if exchange["path"].endswith("/claim") and exchange["body"].get("code") == "claimed":
        exchange["status"], exchange["body"] = 200, {"lease": "1-mine", "until": 0, "attempt": 1}


def offer_what_asks_for_nothing(asked: Exchange) -> None:
    sent = asked["sent"]
    if asked["path"] == "/api/comments" and isinstance(sent, dict) and "botParams" not in sent:
        sent["botParams"] = {"processed": False}


def forget_the_lease(asked: Exchange) -> None:
    """Whoever is late is taken for whoever is not."""
    if asked["path"].endswith("/reply") and isinstance(asked["sent"], dict):
        asked["sent"]["lease"] = forget_the_lease.last or asked["sent"]["lease"]


def remember_the_lease(exchange: Exchange) -> None:
    if exchange["path"].endswith("/claim") and exchange["status"] == 200:
        forget_the_lease.last = exchange["body"]["lease"]


forget_the_lease.last = ""


def never_end_a_lease(exchange: Exchange) -> None:
    if exchange["path"].startswith("/api/bots/work"):
        exchange["body"]["work"] = [work for work in exchange["body"].get("work", []) if not work["attempts"]]


def take_0_for_none(asked: Exchange) -> None:
    params = params_in(asked)
    if params and params.get("priority") == 0:
        del params["priority"]


def offer_one_at_a_time(exchange: Exchange) -> None:
    """And what is claimed stays at the head."""
    if exchange["path"].startswith("/api/bots/work"):
        found = exchange["body"].get("work", [])
        offer_one_at_a_time.head = offer_one_at_a_time.head or (found[0]["id"] if found else "")
        exchange["body"]["work"] = [work for work in found if work["id"] == offer_one_at_a_time.head]


offer_one_at_a_time.head = ""


def forget_whom_a_bot_answers(asked: Exchange) -> None:
    if asked["path"] == "/api/comments" and isinstance(asked["sent"], dict):
        asked["sent"].pop("replyTo", None)


def say_that_bots_are_people(exchange: Exchange) -> None:
    if isinstance(exchange["body"], dict) and "message-type" in exchange["body"]:
        exchange["body"]["message-type"] = "human"


def leave_it_undone(exchange: Exchange) -> None:
    params = exchange["body"].get("botParams") if isinstance(exchange["body"], dict) else None
    if params and params.get("processed"):
        params["processed"] = False


def end_the_work_by_itself(exchange: Exchange) -> None:
    if exchange["method"] == "GET" and isinstance(exchange["body"], dict) and exchange["body"].get("botParams"):
        exchange["body"]["botParams"] = {"processed": True}


def take_a_missing_mark_for_work(asked: Exchange) -> None:
    if (params := params_in(asked)) is not None:
        params.setdefault("processed", False)


def pass_over_what_is_mistyped(asked: Exchange) -> None:
    (params_in(asked) or {}).pop("priority", None)


def pass_over_marks(asked: Exchange) -> None:
    if asked["method"] == "PATCH":
        (params_in(asked) or {}).pop("processed", None)


def hear_no_bot(asked: Exchange) -> None:
    if asked["path"] == "/api/comments" and params_in(asked):
        del asked["sent"]["botParams"]


WRONG = {
    "gives work to all who race": ("R63", {"after": give_every_claim}),
    "takes all for work": ("R64 only", {"before": offer_what_asks_for_nothing}),
    "answers and leaves the work undone": ("R65 an answer", {"after": leave_it_undone}),
    "leaves undone what was answered": ("R65 a question", {"after": leave_it_undone}),
    "ends work without an answer": ("R65 a reply", {"after": end_the_work_by_itself}),
    "takes a missing mark for work": ("R64 what does", {"before": take_a_missing_mark_for_work}),
    "passes over what is mistyped": ("R56", {"before": pass_over_what_is_mistyped}),
    "never ends a lease": ("R66", {"after": never_end_a_lease}),
    "does not compare the lease": ("R67", {"before": forget_the_lease, "after": remember_the_lease}),
    "takes priority 0 for none": ("R68 priority", {"before": take_0_for_none}),
    "gives less work than it is asked for": ("R68 a page", understand("limit=2", "limit=1")),
    "passes over the old mark": ("wire the old mark", {"before": pass_over_marks}),
    "lets all wait for one": ("R69", {"after": offer_one_at_a_time}),
    "lets bots talk for ever": ("R70 bots that", {"before": forget_whom_a_bot_answers}),
    "hears no bot that asks": ("R70 a bots message", {"before": hear_no_bot}),
    "takes bots for people": ("wire a bot is one", {"after": say_that_bots_are_people}),
}
