"""Faults in the server: what happens to the others when one waits, leaves, fails or returns; and what each is told."""

from .fault import Fault

FAULTS = [
    # Django's threads
    Fault(
        "a request that is cancelled keeps its place",
        "saywhat/handler.py",
        """        try:
            return await self._run_when_free(respond)
        finally:
            self.taken -= 1
            self.meter.dec()
""",
        """        response = await self._run_when_free(respond)
        self.taken -= 1
        return response
""",
        "tests/serving/test_handler.py -k cancelled",
    ),
    Fault(
        "a request that is cancelled keeps its thread from others",
        "saywhat/handler.py",
        """        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, respond)
        finally:
            self.free.release()
""",
        """        response = await asyncio.get_running_loop().run_in_executor(self.threads, respond)
        self.free.release()
        return response
""",
        "tests/serving/test_handler.py -k cancelled",
    ),
    Fault(
        "a response is never closed, so its connection is never given back",
        "saywhat/handler.py",
        "            response.close()",
        "            pass",
        "tests/serving/test_handler.py -k each_request_ends",
    ),
    Fault(
        "who is turned away before Django gets no headers of the API",
        "saywhat/handler.py",
        "    for_programs(response)\n",
        "",
        "tests/serving/test_handler.py -k flood",
    ),
    Fault(
        "a slow sender takes a place",
        "saywhat/handler.py",
        """        body = await read_body(receive)  # before it takes a place, for it may come slowly
""",
        """        self.usual.taken += 1
        body = await read_body(receive)
        self.usual.taken -= 1
""",
        "tests/serving/test_handler.py -k slowly",
    ),
    # The WebSocket
    Fault(
        "one acknowledgement counts for ever",
        "comments/api/consumers.py",
        "        self.heard.clear()\n",
        "",
        "tests/api/test_consumers.py -k acknowledgement",
    ),
    Fault(
        "acknowledgements are not counted off",
        "comments/api/consumers.py",
        "            self.unacknowledged = 0\n            self.heard.set()",
        "            self.heard.set()",
        "tests/api/test_consumers.py -k acknowledges",
    ),
    Fault(
        "a reader that leaves is sent to for ever",
        "comments/api/consumers.py",
        "        sending.cancel()\n",
        "",
        "tests/api/test_consumers.py -k leave",
    ),
    Fault(
        "a sign of life does not go out",
        "comments/api/consumers.py",
        " or heartbeat != self.news.heartbeats",
        "",
        "tests/api/test_consumers.py",
    ),
    Fault(
        "an envelope does not join on to the last",
        "comments/api/consumers.py",
        "                after = envelope.cursor  # the next envelope joins on to the last that was sent",
        "                after = self.news.tail.snapshot.clock.version",
        "tests/api/test_consumers.py -k 'join or posted_while'",
    ),
    Fault(
        "a reader is taken for further on although nothing was sent",
        "comments/api/consumers.py",
        "                after = envelope.cursor  # the next",
        "            after = envelope.cursor  # the next",
        "tests/api/test_consumers.py -k 'join or posted_while'",
    ),
    Fault(
        "a database that is away closes with the code of a mistake",
        "comments/api/consumers.py",
        'self._close(REFUSED + 503, "unavailable")',
        'self._close(REFUSED + 422, "unavailable")',
        "tests/serving/test_faults.py -k socket",
    ),
    # Waiting
    Fault(
        "the tick is not begun again when all had left",
        "comments/reading/news.py",
        "if self._ticking is None or self._ticking.done():",
        "if self._ticking is None:",
        "tests/reading/test_waiting.py",
    ),
    Fault(
        "one that leaves cancels the read of all",
        "comments/reading/news.py",
        "        return False\n",
        "        return super().cancel(msg)\n",
        "tests/reading/test_waiting.py",
    ),
    Fault(
        "who asks while a read is under way is told what that finds",
        "comments/reading/news.py",
        "if self._reading is None or self._reading[0] is not future:",
        "if self._reading is None or self._reading[1].done():",
        "tests/reading/test_waiting.py -k later",
    ),
    Fault(
        "all sockets of a process that leaves are closed at the same moment",
        "comments/reading/news.py",
        "self.is_leaving, self.spread_seconds = True, spread_seconds",
        "self.is_leaving = True",
        "tests/api/test_consumers.py -k own_time",
    ),
    Fault(
        "one that leaves ends the looking for all",
        "comments/reading/news.py",
        "            self.listeners -= 1",
        "            self.listeners = 0",
        "tests/reading/test_waiting.py",
    ),
    Fault(
        "one that leaves is counted for ever",
        "comments/reading/news.py",
        "            self.listeners -= 1",
        "            pass",
        "tests/reading/test_waiting.py tests/api/test_consumers.py",
    ),
    Fault(
        "no hint", "comments/reading/news.py", "after_commit.append(news.hint)\n", "", "tests/reading/test_waiting.py"
    ),
    Fault(
        "the hint comes before the commit",
        "comments/stream/clock.py",
        "            transaction.on_commit(tell, robust=True)",
        "            tell()",
        "tests/reading/test_waiting.py",
    ),
    Fault(
        "who fails to hear of a commit makes it look undone",
        "comments/stream/clock.py",
        "transaction.on_commit(tell, robust=True)",
        "transaction.on_commit(tell)",
        "tests/stream/test_clock.py -k listeners",
    ),
    Fault(
        "news wake nobody",
        "comments/reading/news.py",
        "            self.loop.call_soon_threadsafe(self._in_beat, all)",
        "            pass",
        "tests/reading/test_waiting.py tests/api/test_consumers.py",
    ),
    Fault(
        "a sign of life goes out while the database does not answer",
        "comments/reading/news.py",
        " and self.tail.recent_seconds_left > 0",
        "",
        "tests/reading/test_waiting.py",
    ),
    Fault(
        "a long poll does not look once more when its time is up",
        "comments/api/fastlane.py",
        """            # The time is up. Only the table can say that there was nothing.
            snapshot = await self.news.fresh()
""",
        "",
        "tests/api/test_fastlane.py",
    ),
    Fault(
        "a long poll that looks after it has begun to wait misses what came between",
        "comments/api/fastlane.py",
        """            upcoming = self.news.upcoming(for_bots)
            if not has_nothing(params, snapshot := self.news.tail.snapshot, for_bots) or self.news.is_leaving:
                return snapshot
            await upcoming.wait()
""",
        """            if not has_nothing(params, snapshot := self.news.tail.snapshot, for_bots):
                return snapshot
            await asyncio.sleep(0)
            await self.news.upcoming(for_bots).wait()
""",
        "tests/api/test_fastlane.py -k right_after",
    ),
    Fault(
        "nobody looks for who waits with a long poll",
        "comments/api/fastlane.py",
        "with suppress(TimeoutError), self.news.listening(), meters",
        "with suppress(TimeoutError), meters",
        "tests/api/test_fastlane.py -k as_long_as",
    ),
    Fault(
        "a long poll is held for as long as the server likes",
        "comments/api/fastlane.py",
        "asyncio.timeout(params.wait)",
        "asyncio.timeout(25)",
        "tests/api/test_fastlane.py -k as_long_as",
    ),
    Fault(
        "before Django no list outlives the database",
        "comments/api/fastlane.py",
        "return self.news.fresh() if params.fresh else self.news.recent()",
        "return self.news.fresh()",
        "tests/api/test_fastlane.py -k a_moment_ago",
    ),
    Fault(
        "who asks for a fresh list is given the last one while the database is away",
        "comments/api/fastlane.py",
        "return self.news.fresh() if params.fresh else self.news.recent()",
        "return self.news.recent()",
        "tests/api/test_fastlane.py -k a_moment_ago",
    ),
    Fault(
        "a note wakes everybody",
        "comments/reading/tail.py",
        "is_for_all = self.snapshot.newest_change > before.newest_change",
        "is_for_all = True",
        "tests/api/test_notes.py",
    ),
    Fault(
        "a bot's long poll waits for what visitors wait for",
        "comments/api/fastlane.py",
        "upcoming = self.news.upcoming(for_bots)",
        "upcoming = self.news.upcoming()",
        "tests/api/test_notes.py",
    ),
    Fault(
        "a token that is taken back keeps its sockets",
        "comments/api/consumers.py",
        "            if heartbeat not in (-1, self.news.heartbeats):\n                await self._identify()\n",
        "",
        "tests/api/test_notes.py",
    ),
    # The tail
    Fault(
        "a connection that broke is kept",
        "comments/reading/tail.py",
        "        connection.close()  # the next read begins with a connection that works, or fails again\n",
        "",
        "tests/reading/test_returning.py",
    ),
    Fault(
        "a clock that went back is not believed",
        "comments/reading/tail.py",
        " or clock.version < self.clock.version",
        "",
        "tests/reading/test_returning.py",
    ),
    Fault(
        "what was half applied when the read failed is kept",
        "comments/reading/tail.py",
        "        self._state = None\n        connection",
        "        connection",
        "tests/reading/test_returning.py",
    ),
    Fault(
        "a read that failed makes the last one recent",
        "comments/reading/tail.py",
        "            self._fail(error, future, self._take_next())\n",
        "            self.read_at = began\n            self._fail(error, future, self._take_next())\n",
        "tests/reading/test_returning.py",
    ),
    Fault(
        "who asks while a read fails waits for the next",
        "comments/reading/tail.py",
        "self._fail(error, future, self._take_next())",
        "self._fail(error, future)",
        "tests/reading/test_waiting.py",
    ),
    Fault(
        "a restore wakes nobody",
        "comments/reading/tail.py",
        "self.on_news(is_for_all or self.snapshot.clock.past != before.clock.past)",
        "self.on_news(is_for_all)",
        "tests/reading/test_returning.py",
    ),
    Fault(
        "a cursor of an epoch that has ended is served",
        "comments/stream/clock.py",
        "any(first <= cursor <= last for first, last in self.lost)",
        "False",
        "tests/upkeep/test_backup.py",
    ),
    Fault(
        "the floor stays when retention takes something away",
        "comments/stream/queryset.py",
        "clock.floor = max([clock.floor, *(comment.version for comment in comments)])",
        "pass",
        "tests/upkeep/test_retention.py",
    ),
    Fault(
        "an import is no news",
        "comments/reading/tail.py",
        "clock.past != self.clock.past or ",
        "",
        "tests/reading/test_tail.py",
    ),
    Fault(
        "a cached read does not wait for a slow database",
        "comments/reading/tail.py",
        """        last = self.last_if_recent()
        try:
            return self.fresh().result()
        except Error:
            if last is None:
                raise
            return last
""",
        """        return self.last_if_recent() or self.fresh().result()
""",
        "tests/reading/test_waiting.py tests/reading/test_tail.py",
    ),
    Fault(
        "whatever fails in a look for webhooks is the last that is heard of them",
        "comments/hooks/courier.py",
        "        except Exception:  # whatever",
        "        except KeyError:  # whatever",
        "tests/hooks/test_telling.py -k whatever",
    ),
    Fault(
        "the work of the day fails once and for all",
        "saywhat/daily.py",
        "        except Exception:  # whatever",
        "        except KeyError:  # whatever",
        "tests/upkeep/test_retention.py -k whatever",
    ),
    # Hints
    Fault(
        "the subscription is never renewed",
        "comments/reading/hints.py",
        "        self._renewing = asyncio.create_task(self._renew(channel))\n",
        "",
        "tests/reading/test_hints.py",
    ),
    Fault(
        "what is committed while a hint is under way is not told",
        "comments/reading/hints.py",
        "            self._tell_again = True\n",
        "",
        "tests/reading/test_hints.py",
    ),
    Fault(
        "who subscribes again does not look",
        "comments/reading/hints.py",
        "        await self.layer.group_add(GROUP, channel)\n        self._tell_soon()",
        "        await self.layer.group_add(GROUP, channel)",
        "tests/reading/test_hints.py",
    ),
    Fault(
        "a connection that Redis has closed takes a hint with it",
        "comments/reading/hint_layer.py",
        """        options["maint_notifications_config"] = MaintNotificationsConfig(enabled=False)\n""",
        "",
        "tests/reading/test_hints.py -k has_closed",
    ),
    Fault(
        "a command notices that the clock was set back, and leaves the hooks as they are",
        "comments/apps.py",
        "        from .hooks import taking  # noqa: F401, hears in commands, too, that the wall clock was set back\n",
        "",
        "tests/upkeep/test_clock_jumps.py",
    ),
    # Verbs
    Fault(
        "several that were held are released in any order",
        "comments/stream/queryset.py",
        """                comments = list(rows.filter(state__in=states).order_by("version"))""",
        """                comments = list(rows.filter(state__in=states).order_by("pk"))""",
        "tests/stream/test_queryset.py",
    ),
    # Writing
    Fault(
        "bots are held with everybody",
        "comments/writing/posting.py",
        """held=bool(rule("HOLD_COMMENTS", clock)) and not bot""",
        """held=bool(rule("HOLD_COMMENTS", clock))""",
        "tests/writing/test_posting.py",
    ),
    Fault(
        "bots pass a ban",
        "comments/writing/posting.py",
        "    refuse_banned([*keys, *of_network], clock)\n",
        "    if not bot:\n        refuse_banned([*keys, *of_network], clock)\n",
        "tests/writing/test_posting.py",
    ),
    Fault(
        "a retry is counted and refused as a flood",
        "comments/writing/posting.py",
        """    if cleaned.id and (earlier := Comment.objects.filter(pk=cleaned.id).first()):
        return _repeated(earlier, cleaned, keys)
    refuse_banned([*keys, *of_network], clock)
    allowance = refuse_flood(keys, clock, of_bot(bot) if bot else of_visitors(clock))
""",
        """    refuse_banned([*keys, *of_network], clock)
    allowance = refuse_flood(keys, clock, of_bot(bot) if bot else of_visitors(clock))
    if cleaned.id and (earlier := Comment.objects.filter(pk=cleaned.id).first()):
        return _repeated(earlier, cleaned, keys)
""",
        "tests/writing/test_posting.py",
    ),
    Fault(
        "whoever posts after the secret has changed has a limit anew",
        "comments/writing/posting.py",
        "refuse_flood(keys, clock, ",
        "refuse_flood(keys[:1], clock, ",
        "tests/writing/test_authors.py",
    ),
    Fault(
        "the secret that a ban needs goes with the others",
        "comments/writing/authors.py",
        " and old.tag not in tags]",
        "]",
        "tests/writing/test_authors.py",
    ),
    Fault(
        "a process does not learn that the secrets have changed",
        "comments/writing/authors.py",
        "    if Known.now[0] != clock.rotated:",
        "    if not Known.now[0]:",
        "tests/writing/test_authors.py",
    ),
    # What is told
    Fault(
        "an envelope has the announcement whether it is news or not",
        "comments/api/reads.py",
        "if after < clock.announced <= cursor else",
        "if clock.announced <= cursor else",
        "tests/desk/test_speaking.py",
    ),
    Fault(
        "an announcement wakes bots alone",
        "comments/reading/tail.py",
        "if self.changes else 0, self.clock.announced)",
        "if self.changes else 0, 0)",
        "tests/desk/test_speaking.py",
    ),
    Fault(
        "an announcement wakes nobody who waits",
        "comments/api/reads.py",
        "is_news = bool(passing or announced)",
        "is_news = bool(passing)",
        "tests/desk/test_speaking.py",
    ),
    Fault(
        "the health check is sent to https",
        "saywhat/settings.py",
        'SECURE_REDIRECT_EXEMPT = [r"^api/comments/health$", r"^api/ready$"]',
        "SECURE_REDIRECT_EXEMPT = []",
        "tests/project/test_project.py -k health_check",
    ),
    Fault(
        "a long poll may be cached",
        "comments/api/reads.py",
        "is_private = params.wait if isinstance(params, ChangesParams) else params.fresh",
        "is_private = False if isinstance(params, ChangesParams) else params.fresh",
        "tests/api/test_contract.py -k proxy",
    ),
    Fault(
        "a tag does not tell what is compressed from what is not",
        "comments/api/representation.py",
        """        etag = f'{self.etag[:-1]}-gzip"' if compressed else self.etag""",
        "        etag = self.etag",
        "tests/api/test_contract.py -k tag",
    ),
    Fault(
        "another site's script may not read how long to wait",
        "comments/api/middleware.py",
        'EXPOSED = ("Retry-After", ',
        "EXPOSED = (",
        "tests/api/test_api.py -k other_sites",
    ),
    Fault(
        "the clock of a list is read on its own",
        "comments/reading/table.py",
        """    with bounded_moment() as clock:
        found = search.in_text(rows, containing, most)[offset:] if containing else list(rows.newest(most)[offset:])
""",
        """    clock = StreamClock.now()
    found = search.in_text(rows, containing, most)[offset:] if containing else list(rows.newest(most)[offset:])
""",
        "tests/reading/test_moments.py",
    ),
    Fault(
        "a clock that is 60 ms behind refuses a cursor",
        "comments/reading/table.py",
        "CLOCK_SKEW_US = 60_000_000",
        "CLOCK_SKEW_US = 60_000",
        "tests/api/test_contract.py -k ahead",
    ),
    # Views
    Fault(
        "words that are left out are not left out",
        "comments/reading/views.py",
        "    if not_words:\n        q &= ~search.has_any(not_words)\n",
        "",
        "tests/views",
    ),
    Fault(
        "of several words the first is looked for only",
        "comments/reading/views.py",
        "    return q, wanted[0] if wanted else []",
        "    return q, wanted[0][:1] if wanted else []",
        "tests/views",
    ),
    Fault(
        "a removed comment was never there",
        "comments/page/permalinks.py",
        "status=410 if was_removed else 404",
        "status=404",
        "tests/page/test_permalinks.py",
    ),
    Fault(
        "how many read is told as it was when the answer was made",
        "comments/api/fastlane.py",
        "shaping, readers.count())",
        "shaping)",
        "tests/api/test_fastlane.py -k asks_the_same",
    ),
    Fault(
        "who asks by https is told what was made for plain http",
        "comments/api/fastlane.py",
        """scope["scheme"], shaping, readers""",
        "shaping, readers",
        "tests/api/test_fastlane.py -k asks_the_same",
    ),
    Fault(
        "who waits is counted as one who polls, too",
        "comments/api/fastlane.py",
        "return isinstance(params, ChangesParams) and not params.wait",
        "return isinstance(params, ChangesParams)",
        "tests/api/test_fastlane.py",
    ),
    Fault(
        "of several bans the first is told",
        "comments/writing/bans.py",
        "max(running, key=lambda ban: ban.until or NEVER, default=None)",
        "next(iter(running), None)",
        "tests/writing/test_bans.py",
    ),
    Fault(
        "the staff is told that it has said what a visitor said",
        "comments/writing/posting.py",
        "if earlier.staff and _content",
        "if _content",
        "tests/desk/test_speaking.py",
    ),
    Fault(
        "what moderators did is counted once and for all",
        "comments/writing/tally.py",
        "time.monotonic() + KEPT_SECONDS",
        "1e18",
        "tests/writing/test_tally.py",
    ),
    Fault(
        "the work of the day is looked for once",
        "saywhat/daily.py",
        "        await asyncio.sleep(LOOK_SECONDS)\n",
        "        return\n",
        "tests/upkeep/test_retention.py",
    ),
]
