"""Faults in what goes on beside the requests: workers, the work of the day, bots that wait, hints, what is said of an
outage. What becomes of each when something fails or leaves, and when it comes back."""

from .fault import Fault

WAITING = "tests/bots/test_waiting.py"
HINTS = "tests/reading/test_hints.py"
RESTARTS = "tests/serving/test_restarts.py"
WORKERS = f"tests/serving/test_several_workers.py {RESTARTS}"

FAULTS = [
    # Bots that wait
    Fault(
        "a bot that has left is waited for by all that look",
        "comments/bots/waiting.py",
        """            with suppress(ValueError):
                self.bots.remove(bot)
""",
        "            pass\n",
        WAITING,
    ),
    Fault(
        "looking for work is not begun again when all bots had left",
        "comments/bots/waiting.py",
        "self._looking is None or self._looking.done() or",
        "self._looking is None or",
        WAITING,
    ),
    Fault(
        "bots are not told that the database is away",
        "comments/bots/waiting.py",
        "        except Error:\n            self._let_all_go()\n",
        "        except Error:\n            pass\n",
        WAITING,
    ),
    Fault(
        "a look that fails ends the looking for all bots",
        "comments/bots/waiting.py",
        """        try:
            self._deal(await self._found(min(MOST, len(self.bots)) + len(self.dealt)))
        except Error:
            self._let_all_go()
""",
        "        self._deal(await self._found(min(MOST, len(self.bots)) + len(self.dealt)))\n",
        WAITING,
    ),
    Fault(
        "bots wait on in a process that leaves",
        "comments/bots/waiting.py",
        """        if self.news.is_leaving:
            return self._let_all_go()
""",
        "",
        f"{WAITING} -k leaves",
    ),
    Fault(
        "a bot that waits for what is held with a cursor that is refused gets an error that says nothing",
        "comments/api/states.py",
        "with suppress(TimeoutError, Error, Refused)",
        "with suppress(TimeoutError, Error)",
        "tests/bots/test_lanes.py -k told_by_django",
    ),
    # Webhooks
    Fault(
        "what a hook is not told is looked through each second",
        "comments/hooks/taking.py",
        "    if hook.cursor != before:\n        _mine(pk, me).update(cursor=hook.cursor)\n",
        "",
        "tests/hooks/test_telling.py -k looked_through",
    ),
    # Hints
    Fault(
        "a renewal that fails is the last",
        "comments/reading/hints.py",
        """            try:
                await self._subscribe(channel)
            except Exception as error:  # the same
                self.line.fails("hearing", error)

    async def _subscribe""",
        """            await self._subscribe(channel)

    async def _subscribe""",
        HINTS,
    ),
    Fault(
        "Redis is asked without a pause while it is away",
        "comments/reading/hints.py",
        "            await asyncio.sleep(self.retry_seconds)\n",
        "            await asyncio.sleep(0)\n",
        HINTS,
    ),
    Fault(
        "who has told nothing before a hint fails tells nothing after it",
        "comments/reading/hints.py",
        """        except Exception as error:  # whatever is wrong with Redis, a hint is only a hint
            self.line.fails("telling", error)
""",
        """        except Exception as error:
            self.line.fails("telling", error)
            raise
""",
        HINTS,
    ),
    # How many read
    Fault(
        "polls are added up for ever",
        "comments/reading/readers.py",
        "        self._counted_at, self._polls = self.now(), 0\n",
        "        self._counted_at = self.now()\n",
        "tests/reading/test_readers.py",
    ),
    Fault(
        "a process hears itself and counts its readers twice",
        "comments/reading/readers.py",
        "        if process != self.process:\n            self._others",
        "        if True:\n            self._others",
        "tests/reading/test_readers.py tests/reading/test_hints.py",
    ),
    # What is said of an outage
    Fault(
        "all is said to be well again while one way is still broken",
        "comments/outage.py",
        "        if self.broken == {way}:",
        "        if way in self.broken:",
        f"{HINTS} tests/serving/test_logs.py",
    ),
    # Workers
    Fault(
        "what dies at once is started at once, for ever",
        "saywhat/workers.py",
        "worker.is_mourned and time.monotonic() >= self.not_before:",
        "worker.is_mourned:",
        f"{RESTARTS} -k before_its_time",
    ),
    Fault(
        "one death in a week counts like one in a second",
        "saywhat/workers.py",
        "self.deaths = 0 if worker.was_steady else self.deaths + 1",
        "self.deaths = self.deaths + 1",
        f"{RESTARTS} -k had_lived",
    ),
    Fault(
        "a new process that does not come up takes the place of one that works",
        "saywhat/workers.py",
        """            if not self.comes_up(new):
                self.stop(new)
                say("A new process did not come up: the old ones that are left stay.")
                return
""",
        "            self.comes_up(new)\n",
        f"{RESTARTS} -k cannot_be_started_anew",
    ),
    Fault(
        "an old process leaves before the new one is up",
        "saywhat/workers.py",
        """            new = self.start()
            if not""",
        """            old.process.terminate()
            new = self.start()
            if not""",
        f"{RESTARTS} -k told_to_leave_when",
    ),
    Fault(
        "who waits is not told that the process leaves",
        "comments/reading/news.py",
        """        if hasattr(self, "loop"):
            self.wake()
""",
        "",
        WORKERS,
    ),
    # The work of the day
    Fault(
        "a database that is away ends the work of all days",
        "saywhat/daily.py",
        """    except Error as error:
        if is_unwritable(error):
            is_away(error)
        return False
""",
        "",
        "tests/upkeep/test_retention.py",
    ),
    Fault(
        "the work of the day leaves a connection behind that is broken",
        "saywhat/daily.py",
        "        connection.close()\n",
        "        pass\n",
        "tests/upkeep/test_retention.py",
    ),
    Fault(
        "leases outlive their comments",
        "saywhat/daily.py",
        "            queue.forget()\n",
        "",
        "tests/upkeep/test_retention.py",
    ),
    # Backups
    Fault(
        "a backup that fails leaves half of itself",
        "comments/upkeep/backup.py",
        "        beside.unlink(missing_ok=True)\n",
        "        pass\n",
        "tests/upkeep/test_backup.py -k overwrites",
    ),
    # A process that leaves
    Fault(
        "a long poll does not end when the process leaves",
        "comments/api/fastlane.py",
        " or self.news.is_leaving:\n                return snapshot",
        ":\n                return snapshot",
        WORKERS,
    ),
]
