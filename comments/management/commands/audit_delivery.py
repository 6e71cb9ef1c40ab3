"""Audit the promise of delivery, on a running server."""

import secrets
from argparse import RawDescriptionHelpFormatter
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.audit.checker import check, report
from comments.audit.history import SECOND_NS, History, save
from comments.audit.run import Audit, AuditFailed, Options
from comments.audit.server import bots_token, own_servers
from comments.audit.verdict import Bounds
from comments.models import Comment

MODERATORS = 2


class Command(BaseCommand):
    help = """Post, moderate and read as many visitors would, and check that each reader saw every comment exactly
once, in one order and in time. The exit status is 1 if not.

Without --url it starts a server of its own, with a database that is thrown away. With --url it audits a running
site. Its comments stay there, in a domain of their own; --moderate, where this command has the site's settings and
so its database, lets moderators take part and erases the comments at the end.

The site's limits on posting hold for the audit too. On the own machine it posts from many addresses of 127.0.0.0/8, so
the limits do not stop it. On any other site it needs the token of a bot to be fast, which may post as much
(create_bot --posts-per-minute 1000000). A site that holds comments for review can only be audited with a token."""

    def create_parser(self, *args, **kwargs) -> CommandParser:
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", action="append", help="the site; more than one for several of its processes")
        parser.add_argument("--database-url", default="", help="of the own server; SQLite by default")
        parser.add_argument("--servers", type=int, default=1, help="how many processes of the own server (1)")
        parser.add_argument("--domain", help="where the comments go (audit-<random>)")
        parser.add_argument("--token", default="", help="of a bot, to post without limits")
        parser.add_argument("--notes-token", default="", help="of a bot, to note each comment as soon as it is posted")
        parser.add_argument("--moderate", action="store_true", help="with --url: hide and restore too")
        parser.add_argument("--posters", type=int, default=4, help="how many (4)")
        parser.add_argument("--posts", type=int, default=50, help="how many comments each (50)")
        parser.add_argument("--readers", type=int, default=2, help="how many of each of the five forms (2)")
        parser.add_argument("--pause", type=float, default=0.2, help="the longest usual pause, in seconds (0.2)")
        parser.add_argument("--late-seconds", type=float, default=5, help="when an answer is late (5)")
        parser.add_argument(
            "--stale-seconds", type=float, default=0, help="how old answers may be: 1 behind a shared cache (0)"
        )
        parser.add_argument("--patience", type=float, default=60, help="seconds to wait for a silent site (60)")
        parser.add_argument("--seed", type=int, help="makes the same choices again (random)")
        parser.add_argument("--history", type=Path, help="a file for all that was written and seen, as lines of JSON")

    def handle(self, *args, url: list[str] | None, moderate: bool, seed: int | None, **given) -> None:
        seed = secrets.randbelow(10**6) if seed is None else seed
        mine = own_servers(given["servers"], given["database_url"]) if url is None else nullcontext((url, None))
        try:
            with mine as (urls, env):
                options = options_for(urls, env, moderate or url is None, seed, given)
                self.stdout.write(f"Auditing {', '.join(urls)} in the domain {options.domain}, with seed {seed} …")
                history = audited(options)
        except AuditFailed as reason:
            raise CommandError(f"The audit could not be carried out. {reason}") from reason
        if url is not None and moderate:
            Comment.objects.filter(domain=options.domain).erase()
        self.judge(history, given)

    def judge(self, history: History, given: dict) -> None:
        if given["history"]:
            save(history, given["history"])
        bounds = Bounds(int(given["late_seconds"] * SECOND_NS), int(given["stale_seconds"] * SECOND_NS))
        violations = check(history, bounds)
        self.stdout.write(report(history, violations))
        if violations:
            raise CommandError("The promise was broken.")


def options_for(urls: list[str], env: dict | None, moderate: bool, seed: int, given: dict) -> Options:
    names = {name: given[name] for name in ("domain", "token", "notes_token", "posters", "posts", "readers")}
    if env:
        names["notes_token"] = bots_token(env)
    return Options(
        [url.rstrip("/") for url in urls],
        seed=seed,
        moderators=MODERATORS if moderate else 0,
        pause_seconds=given["pause"],
        patience_seconds=given["patience"],
        **{name: value for name, value in names.items() if value is not None},
        **({"env": env} if env else {}),
    )


def audited(options: Options) -> History:
    with Audit(options) as audit:
        return audit.history()
