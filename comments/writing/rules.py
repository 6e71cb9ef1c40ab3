"""The rules that an administrator changes while the site runs. What nobody has changed is as the settings say.

They are kept with the clock, so whoever writes has them with the lock, and all processes have the same at any moment.
"""

from django.conf import settings

from comments.errors import Refused
from comments.stream.clock import StreamClock, writing
from comments.stream.record import Act, Record

# By the names of the settings, and which values make sense; 1 is yes.
RULES = {
    "HOLD_COMMENTS": range(2),
    "REPORTS_TO_HOLD": range(1001),
    "POSTS_PER_MINUTE": range(1, 1001),
    "BOT_POSTS_PER_MINUTE": range(1, 10_001),
}
NO_RULE = Refused(422, "unknown_rule", "Nothing was done: this is no number that makes sense here.")


def rule(name: str, clock: StreamClock) -> int:
    """As it is now. `clock` is that of `writing()`, or of the moment in which it is shown."""
    return int(clock.rules.get(name, getattr(settings, name)))


def set_rules(rules: dict[str, int], act: Act) -> None:
    """These, and all others as the settings say. It stands in the record. Raises Refused with status 422."""
    if not all(value in RULES[name] for name, value in rules.items()):
        raise NO_RULE
    with writing() as clock:
        clock.rules = rules
        said = ", ".join(f"{name} {value}" for name, value in rules.items()) or "as the settings say"
        named = Act(act.who, act.reason, said, act.id)
        Record.objects.add([Record.of(named, "rules", "", "", clock.next_version())])
