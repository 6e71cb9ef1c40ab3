"""Those who post. Each comment is sent until it is acknowledged, always under the same id."""

from dataclasses import replace

from .history import LIST, Read, Seen, Write
from .site import Answer, Site, address_for, is_loopback, with_query
from .worker import GaveUp, Plan, Worker

ID_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
MAX_TEXT = 1000  # code points
IS_LONG = 0.1
LONGEST_LETTER = "🦜"
HANGS_UP = 0.1
REPEATS = 0.1
READS_AFTERWARDS = 0.4


class Poster(Worker):
    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.bot = Site(plan.urls, self.dice, plan.notes_token)

    def run(self) -> None:
        for number in range(self.plan.posts):
            self.post(number, self.new_id())
            if self.dice.random() < READS_AFTERWARDS:
                self.read_own()
            if self.pause():
                return

    def new_id(self) -> str:
        """As the page makes them: from its own clock."""
        return f"{self.wall_ms()}-{''.join(self.dice.choices(ID_ALPHABET, k=9))}"

    def post(self, number: int, id: str) -> None:
        self._change_address(number)
        write = Write(self.name, "post", id, self.now(), None, text=self.words(number))
        self.note(write)  # before it is sent: whatever becomes of this process, the comment may exist
        if self.dice.random() < HANGS_UP:
            self.site.ask_and_hang_up("POST", "/api/comments", self.body(write))
        answer = self.insist(lambda: self.send(write), expected=(200, 201))
        if self.dice.random() < REPEATS:
            answer = self.insist(lambda: self.send(write), expected=(200,))
        self.note(replace(write, ended=self.now(), timestamp=answer.value.get("timestamp")))
        if self.plan.notes_token:
            self.note_as_a_bot(id)

    def note_as_a_bot(self, id: str) -> None:
        """As the first version's bots did: at once, so that the comment changes while others are still reading it."""

        def ask() -> Answer:
            write = Write(self.name, "note", id, self.now(), None)
            self.note(write)  # however it ends, the comment may have been changed
            answer = self.bot.ask("PATCH", f"/api/comments/{id}", {"botParams": {"processed": True}})
            if answer.status == 200:
                self.note(replace(write, ended=self.now()))
            return answer

        self.insist(ask, expected=(200, 404))  # 404: a moderator was faster

    def words(self, number: int) -> str:
        """Unlike any others; now and then as long as can be, in the letters that take the most bytes."""
        words = f"{self.name} says {number} in {self.plan.domain}."
        return words + LONGEST_LETTER * (MAX_TEXT - len(words)) if self.dice.random() < IS_LONG else words

    def send(self, write: Write) -> Answer:
        answer = self.site.ask("POST", "/api/comments", self.body(write))
        if answer.code == "removed":  # it is stored, and a moderator was faster than the answer
            return Answer(200, {}, 0)
        if answer.status == 202:
            raise GaveUp("This site holds comments for review. Bots' comments are not held: use --token.")
        return answer

    def body(self, write: Write) -> dict:
        return {
            "id": write.id,
            "text": write.text,
            "username": self.name,
            "domain": self.plan.domain,
            "timestamp": self.wall_ms(),  # as old pages send it; it decides nothing
        }

    def read_own(self) -> None:
        fresh = self.dice.random() < 0.5
        limit = self.dice.choice([5, 50, 1000])
        params = {"domain": self.plan.domain, "limit": limit} | ({"fresh": "true"} if fresh else {})
        self.note(read_list(self, params, fresh))

    def _change_address(self, number: int) -> None:
        if not self.plan.token and all(map(is_loopback, self.plan.urls)):
            self.site.call_from(address_for(self.plan.domain, self.name, number))


class LastPoster(Poster):
    """Posts the comment by which readers know that they have seen all."""

    def run(self) -> None:
        self.post(0, self.plan.last_id)


def read_list(worker: Worker, params: dict, fresh: bool) -> Read:
    """A list, as a page loads it first."""
    began = None

    def ask() -> Answer:
        nonlocal began
        began = worker.now()
        return worker.site.ask("GET", with_query("/api/comments", params))

    value = worker.insist(ask).value
    return Read(
        worker.name,
        LIST,
        began,
        worker.now(),
        [Seen.of(comment) for comment in value["comments"]],
        after=value["cursor"],
        complete=not value["hasMore"],
        fresh=fresh,
    )
