"""Kill workers at random steps: `python -m tests.bots.kill --workers 3 --tasks 1000 --database postgresql`.

Each worker is a process that takes work and answers it, over HTTP, and is killed with -9 wherever it is; another takes
its place. Half-way the server is killed, too. Afterwards each question has exactly one answer.
"""

import argparse
import json
import random
import subprocess
import sys
from collections import Counter

from tests.audit.kill import migrated_server
from tests.support.declared_settings import ROOT
from tests.support.private_postgres import wait_until
from tests.support.servers import Server

PATIENCE_SECONDS = 900
LEASE_SECONDS = 2
ATTEMPTS = "1000"  # who is killed has tried; here nobody shall be left for a person


class Killed:
    """Workers, and how they are killed: each by dice of its own after so many steps, which it prints."""

    def __init__(self, server: Server, tokens: list[str], dice: random.Random, most_steps: int) -> None:
        self.server, self.tokens, self.dice, self.most_steps = server, tokens, dice, most_steps
        self.kills = 0
        self.processes = [self.start(token) for token in tokens]

    def start(self, token: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.bots.worker", self.server.url, token, str(LEASE_SECONDS)]
        steps = str(self.dice.randint(1, self.most_steps))
        return subprocess.Popen([*command, steps], cwd=ROOT, env=self.server.env, stdin=subprocess.DEVNULL)

    def replace_the_dead(self) -> None:
        for number, process in enumerate(self.processes):
            if process.poll() is not None:
                assert process.returncode == -9, f"a worker ended with {process.returncode}"
                self.kills += 1
                self.processes[number] = self.start(self.tokens[number])

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def kill_workers(server: Server, workers: int, tasks: int, seed: int, most_steps: int = 60) -> tuple[list[str], int]:
    """Whatever is wrong afterwards, as sentences; and how many were killed."""
    dice = random.Random(seed)
    tokens = [token_of(server, f"worker {number}") for number in range(workers)]
    asked = [ask(server, number) for number in range(tasks)]
    killed = Killed(server, tokens, dice, most_steps)
    restarts = [tasks // 2]

    def is_done() -> bool:
        killed.replace_the_dead()
        done = comments_in(server) - tasks
        if restarts and done >= restarts[0]:
            restarts.pop()
            server.kill()
            server.start()
        return done >= tasks

    try:
        wait_until(is_done, PATIENCE_SECONDS, lambda: f"{comments_in(server)} comments, for {tasks} questions")
    finally:
        killed.end()
    return wrong_with(server, asked), killed.kills


def token_of(server: Server, name: str) -> str:
    return server.manage("create_bot", name, "--posts-per-minute", "1000000").stdout.strip()


def ask(server: Server, number: int) -> str:
    question = {"text": f"question {number}", "username": "Ada", "botParams": {"processed": False}}
    answer = server.post(question)
    assert answer.status == 201, answer.text
    return answer.json()["id"]


def comments_in(server: Server) -> int:
    return server.get("/api/stats").json()["totalMessages"]


def wrong_with(server: Server, asked: list[str]) -> list[str]:
    lines = server.manage("export_comments").stdout.splitlines()
    stored = [json.loads(line) for line in lines]
    answers = Counter(comment["replyTo"] for comment in stored if comment["message-type"] == "AI")
    open_still = [comment["id"] for comment in stored if (comment.get("botParams") or {}).get("processed") is False]
    return [f"{id} has {answers[id]} answers" for id in asked if answers[id] != 1] + [
        f"{id} is answered and not done" for id in open_still
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with migrated_server(given.database, BOT_ATTEMPTS=ATTEMPTS) as server:
        wrong, kills = kill_workers(server, given.workers, given.tasks, given.seed)
    print("\n".join(wrong) or f"{kills} workers were killed on {given.database}: {given.tasks} answers to as many.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
