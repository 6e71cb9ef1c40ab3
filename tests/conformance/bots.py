"""Bots: R63 to R70."""

from concurrent.futures import ThreadPoolExecutor

from .answers import must, soon
from .checks import check
from .site import Site
from .work import ask_by_priority

RACERS = 8
MOST_ATTEMPTS = 50
MOST_DEPTH = 20


@check("R63", is_live=True)
def of_many_that_race_one_answers(site: Site) -> None:
    question = site.ask_bots("Who is first?")
    with ThreadPoolExecutor(RACERS) as racers:
        claims = list(racers.map(lambda _: site.act(question, "claim", seconds=60), range(RACERS)))
        won = [claim.json()["lease"] for claim in claims if claim.status == 200]
        must(len(won) == 1, f"{len(won)} of {RACERS} got the same work")
        refused = [claim for claim in claims if claim.status != 200]
        must(all(claim.of(409, "claimed") and "retry-after" in claim.headers for claim in refused), "no Retry-After")
        body = {"lease": won[0], "text": "I am"}
        answers = list(racers.map(lambda _: site.act(question, "reply", **body), range(RACERS)))
    must(sorted(answer.status for answer in answers) == [200] * (RACERS - 1) + [201], "one lease made several answers")
    must(len({answer.json()["id"] for answer in answers}) == 1, "a reply that is sent again is another answer")
    must(site.answers_to(question) == ["I am"], "there is not exactly one answer in the stream")


@check("R64")
def only_an_explicit_false_is_work(site: Site) -> None:
    others = [site.post("not for bots"), site.post("nor this", botParams={"priority": 0})]
    done = site.post("done", botParams={"processed": True})
    asked = site.ask_bots("for bots")
    must([work["id"] for work in site.offered()] == [asked["id"]], "something is offered that asks for nothing")
    for comment in others:
        site.act(comment, "claim").of(409, "not_for_bots")
    site.act(done, "claim").of(409, "done")


@check("R65")
def an_answer_and_the_end_of_the_work_are_one(site: Site) -> None:
    question = site.ask_bots("And then?")
    lease = site.claim(question)
    must(site.act(question, "reply", lease=lease, text="").status == 422, "an empty answer is taken")
    must(site.answers_to(question) == [], "an answer that was refused is there")
    answer = site.act(question, "reply", lease=lease, text="The end").of(201)
    told = site.get(f"/api/comments/{question['id']}").of(200)
    must(answer["replyTo"] == question["id"] and answer["message-type"] == "AI", "the answer does not say what it is")
    must(told["botParams"]["processed"] is True, "the question is not marked as done with its answer")
    must(site.offered() == [], "what is answered is offered again")
    site.act(question, "claim").of(409, "done")


@check("R66", is_live=True)
def a_lease_that_is_over_is_offered_again_and_not_for_ever(site: Site) -> None:
    question = site.ask_bots("Is anybody there?")
    site.claim(question, seconds=1)
    must(site.offered() == [], "what is claimed is offered")
    soon(lambda: [work["attempts"] for work in site.offered()] == [1], "a lease that is over is not offered again")
    for _ in range(MOST_ATTEMPTS):
        claim = site.act(question, "claim", seconds=60)
        if claim.status == 409:
            claim.of(409, "dead")
            must(site.offered() == [], "a dead letter is offered")
            return
        site.act(question, "release", lease=claim.of(200)["lease"], reason="no", retryAfterSeconds=0).of(200)
    must(False, f"it is offered after {MOST_ATTEMPTS} attempts still")


@check("R67", is_live=True)
def only_the_last_lease_counts(site: Site) -> None:
    question, other = site.ask_bots("Whose is it?"), site.ask_bots("And this?")
    late = site.claim(question, seconds=1)
    elsewhere = site.claim(other)
    soon(lambda: question["id"] in [work["id"] for work in site.offered()], "a lease does not end")
    for lease in (late, elsewhere, "1-guessed"):
        for verb, more in (("reply", {"text": "Mine"}), ("renew", {}), ("release", {})):
            site.act(question, verb, lease=lease, **more).of(409, "stale_lease")
    lease = site.claim(question)
    site.act(question, "reply", lease=late, text="Late").of(409, "stale_lease")
    site.act(question, "reply", lease=lease, text="In time").of(201)
    must(site.answers_to(question) == ["In time"], "somebody answered without the lease")
    nobody = f"/api/comments/{question['id']}/claim"
    site.ask("POST", nobody, {}, token=None).of(401)
    site.ask("POST", nobody, {}, token="wrong").of(401, "invalid_token")


@check("R68")
def priority_0_comes_first_and_none_last(site: Site) -> None:
    ask_by_priority(site)
    must([work["text"] for work in site.offered()] == ["0", "0 later", "5", "none"], "work comes in another order")
    wrong = {"text": "x", "username": "x", "botParams": {"processed": False, "priority": "first"}}
    must(site.ask("POST", "/api/comments", wrong).status == 422, "a priority that is no number is taken")


@check("R69")
def one_that_is_stuck_holds_nobody_up(site: Site) -> None:
    stuck, next_one = site.ask_bots("stuck"), site.ask_bots("next")
    site.claim(stuck, seconds=600)
    must([work["id"] for work in site.offered()] == [next_one["id"]], "work waits behind what is claimed")
    site.act(next_one, "reply", lease=site.claim(next_one), text="Done").of(201)


@check("R70")
def bots_that_answer_bots_end(site: Site) -> None:
    before = {work["id"] for work in site.offered()}
    last = site.post("a bot talks")
    must({work["id"] for work in site.offered()} == before, "what a bot says is work, unasked")
    for _ in range(MOST_DEPTH):
        body = {"text": "and on", "username": "x", "domain": site.room, "replyTo": last["id"]}
        answer = site.ask("POST", "/api/comments", body)
        if answer.status == 422:
            answer.of(422, "bot_depth")
            return
        last = answer.of(201)
    must(False, f"bots may answer each other {MOST_DEPTH} times in a row")


@check("wire")
def a_bot_is_one_by_its_token_alone(site: Site) -> None:
    said = site.post("I am a person", **{"message-type": "human"})
    must(said["message-type"] == "AI", "a bot passes for a person (R57)")
    forged = {"text": "beep", "username": "Ada", "domain": site.room, "message-type": "AI"}
    site.ask("POST", "/api/comments", forged, token=None).of(403, "bot_token_required")
    site.ask("PATCH", f"/api/comments/{said['id']}", {"botParams": {}}, token=None).of(401)
    must(site.get("/api/bots/work", token=None).status == 401, "visitors see the work of bots")
