"""Faults in the work queue: what would make two answers, or none."""

from .fault import Fault

QUEUE = "comments/bots/queue.py"
TESTS = "tests/bots/test_queue.py"
CONTRACT = "tests/api/test_contract.py"
TARGET = "comments/hooks/target.py"
TAKING = "comments/hooks/taking.py"

FAULTS = [
    Fault(
        "a claim looks and takes without the lock",
        QUEUE,
        """    with together() as wall:
        _claimable(id)
""",
        """    with together() as wall:
        pass
    if True:
        _claimable(id)
""",
        "tests/bots/test_racing.py",
    ),
    Fault(
        "a lease ends by the clock of who asks",
        QUEUE,
        "    lease.until = wall + seconds * SECOND_US",
        "    lease.until = __import__('time').time_ns() // 1000 + seconds * SECOND_US",
        f"{TESTS} -k renewed",
    ),
    Fault(
        "an answer is stored before its completion",
        QUEUE,
        """        _complete(lease, question, posted.comment, clock)
        return posted
""",
        """    with writing() as clock:
        _complete(lease, question, posted.comment, clock)
    return posted
""",
        f"{TESTS} -k R65",
    ),
    Fault(
        "the fencing token is not compared",
        QUEUE,
        "    return is_secret and lease.holder == bot.name",
        "    return lease.holder == bot.name",
        f"{TESTS} -k R67",
    ),
    Fault(
        "a lease of another bot is as good",
        QUEUE,
        "    return is_secret and lease.holder == bot.name",
        "    return is_secret",
        f"{TESTS} -k R67",
    ),
    Fault("attempts are not counted", QUEUE, "lease.attempts += 1", "lease.attempts += 0", f"{TESTS} -k R66"),
    Fault(
        "a lease that is over is not offered again",
        "comments/bots/lease.py",
        "taken = Q(until__gt=WallClock())",
        "taken = Q(until__gt=0)",
        f"{TESTS} -k R66",
    ),
    Fault(
        "who slept past its lease answers if nobody else has taken it",
        QUEUE,
        "or lease.until <= wall or",
        "or",
        f"{TESTS} -k slept",
    ),
    Fault(
        "a question that is hidden is answered",
        QUEUE,
        "    if comment is None or comment.state != State.VISIBLE:\n        raise REMOVED",
        "    if comment is None:\n        raise REMOVED",
        f"{TESTS} -k hidden",
    ),
    Fault(
        "a bot's own retry is not known again",
        QUEUE,
        "if earlier and earlier.reply_id and _is_of(earlier, secret, bot):",
        "if False:",
        f"{TESTS} -k same_lease",
    ),
    Fault(
        "priority 0 is taken for none",
        "comments/work.py",
        "return priority if is_priority(priority) else LAST",
        "return priority if priority and is_priority(priority) else LAST",
        f"{CONTRACT} -k R68",
    ),
    Fault(
        "a missing mark is taken for work",
        "comments/work.py",
        'bot_params.get("processed") is not False',
        'bot_params.get("processed")',
        f"{CONTRACT} -k R64",
    ),
    Fault(
        "every message of a bot is work",
        "comments/writing/posting.py",
        "work=work_of(draft.bot_params)",
        "work=5 if draft.message_type == MessageType.AI else work_of(draft.bot_params)",
        f"{CONTRACT} -k R70",
    ),
    Fault(
        "bots answer each other without end",
        "comments/writing/posting.py",
        "        _refuse_loop(cleaned)\n",
        "",
        f"{TESTS} -k R70",
    ),
    Fault(
        "all bots together know no limit",
        "comments/writing/posting.py",
        "        refuse_crowd_of_bots(clock)\n",
        "",
        f"{TESTS} -k R70",
    ),
    Fault(
        "what a bot is at, another marks",
        QUEUE,
        "            if not _is_of(lease, secret, bot):\n                raise _claimed(lease, clock.wall)",
        "            pass",
        f"{TESTS} -k marks",
    ),
    Fault(
        "what one bot is told of, the next is told of too",
        "comments/bots/waiting.py",
        "if now - self.dealt.get(id, NEVER) < LOOK_SECONDS or not self._let_go(id):",
        "if not self._let_go(id):",
        "tests/bots/test_waiting.py -k longest",
    ),
    # Accounts
    Fault(
        "a token that was revoked is good",
        "comments/callers/bots.py",
        "self.filter(in_time, revoked_at=None, bot__is_active=True)",
        "self.filter(in_time, bot__is_active=True)",
        "tests/bots/test_accounts.py -k ended",
    ),
    Fault(
        "a token that has expired is good",
        "comments/callers/bots.py",
        "self.filter(in_time, revoked_at=None, bot__is_active=True)",
        "self.filter(revoked_at=None, bot__is_active=True)",
        "tests/bots/test_accounts.py -k ended",
    ),
    Fault(
        "scopes are not looked at",
        "comments/callers/bots.py",
        "        return scope in self.scopes",
        "        return True",
        "tests/bots/test_accounts.py -k R56",
    ),
    Fault(
        "a bot says that it is a person",
        "comments/writing/posting.py",
        "        return clean(replace(draft, message_type=MessageType.AI))",
        "        return clean(draft)",
        "tests/bots/test_accounts.py -k R57",
    ),
    # Webhooks
    Fault(
        "a name is looked up once more for the connection",
        TARGET,
        "        address, port, limit=MOST_BYTES,",
        "        host, port, limit=MOST_BYTES,",
        "tests/hooks/test_target.py -k judged",
    ),
    Fault(
        "what is internal is called",
        TARGET,
        "    if not all(map(is_public, found)):",
        "    if not any(map(is_public, found)):",
        "tests/hooks/test_target.py -k internal_too",
    ),
    Fault(
        "an answer may take as long as it likes",
        TARGET,
        "        async with asyncio.timeout(TOTAL_SECONDS):",
        "        async with asyncio.timeout(None):",
        "tests/hooks/test_target.py -k drop",
    ),
    Fault(
        "what was not taken is told no more",
        TAKING,
        "        if outcome.is_done:",
        "        if True:",
        "tests/hooks/test_telling.py -k not_taken",
    ),
    Fault(
        "two processes tell one hook",
        TAKING,
        "Hook.objects.running().filter(pk=pk, held_until__lte=wall)",
        "Hook.objects.running().filter(pk=pk)",
        "tests/hooks/test_telling.py -k same_moment",
    ),
    Fault(
        "who slept moves the cursor all the same",
        TAKING,
        "Hook.objects.filter(pk=pk, holder=me, held_until__gt=wall_now())",
        "Hook.objects.filter(pk=pk)",
        "tests/hooks/test_telling.py -k slept",
    ),
    Fault(
        "the time is not signed",
        "comments/hooks/message.py",
        'signed = f"{message.id}.{now}.".encode() + message.body',
        'signed = f"{message.id}.".encode() + message.body',
        "tests/hooks/test_telling.py -k headers_are",
    ),
    Fault(
        "all that wait are dealt the same work",
        "comments/bots/waiting.py",
        "            self.dealt[id] = now\n",
        "            pass\n",
        "tests/bots/test_waiting.py -k dealt_again",
    ),
    # Long polls of bots that moderate
    Fault(
        "who waits for what is held waits on in a process that leaves",
        "comments/api/states.py",
        "while not self.news.is_leaving:",
        "while True:",
        "tests/bots/test_lanes.py",
    ),
    Fault(
        "who waits for what is held meets an error when the database goes",
        "comments/api/states.py",
        "suppress(TimeoutError, Error, Refused)",
        "suppress(TimeoutError)",
        "tests/bots/test_lanes.py",
    ),
    Fault(
        "who waits for what is held misses what comes while it is looked for",
        "comments/api/states.py",
        """                after = found.cursor  # a bot has noted something
            await upcoming.wait()""",
        """                after = found.cursor  # a bot has noted something
            await self.news.upcoming(for_bots=True).wait()""",
        "tests/bots/test_lanes.py",
    ),
    # Couriers
    Fault(
        "who takes long to answer is told by the next, too",
        "comments/hooks/courier.py",
        "                await self.ask(taking.keep, list(self.serving), self.me)\n",
        "                pass\n",
        "tests/hooks/test_telling.py",
    ),
    Fault(
        "all are called at once, however many they are",
        "comments/hooks/courier.py",
        "self.places = asyncio.Semaphore(AT_ONCE)",
        "self.places = asyncio.Semaphore(1000)",
        "tests/hooks/test_telling.py",
    ),
    Fault(
        "a database that is away ends the telling",
        "comments/hooks/courier.py",
        "        except Error:\n            return LOOK_SECONDS\n",
        "        except LookupError:\n            return LOOK_SECONDS\n",
        "tests/hooks/test_telling.py",
    ),
    Fault(
        "a courier keeps a connection that broke",
        "comments/hooks/courier.py",
        "    except Error:\n        connection.close()\n",
        "    except Error:\n",
        "tests/hooks/test_telling.py",
    ),
    Fault(
        "who was held by a clock that was ahead is not told until then",
        "comments/hooks/taking.py",
        "    Hook.objects.filter(held_until__gt=clock.wall + HELD_US).update(held_until=clock.wall)\n",
        "",
        "tests/hooks/test_telling.py",
    ),
    Fault(
        "once an hour all are called that wait for their time",
        "comments/hooks/taking.py",
        "hook.retry_at > clock.wall + _pause_after(hook.failures)",
        "hook.retry_at > clock.wall",
        "tests/hooks/test_telling.py",
    ),
]
