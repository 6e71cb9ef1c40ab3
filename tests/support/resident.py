"""`python -m tests.support.resident` carries out commands of manage.py, each in a fork of this process, which has
loaded the project once for all: a command that takes a second by itself takes a few hundredths.

A line of stdin is a command, as JSON: its `arguments`, and the files of its `stdin`, `stdout` and `stderr`. A line of
stdout is how it ended.
"""

import json
import multiprocessing
import os
import sys
import traceback

import django
from django.core.management import execute_from_command_line

fork = multiprocessing.get_context("fork")


def carry_out(arguments: list[str], stdin: str, stdout: str, stderr: str) -> None:
    """In the fork."""
    with open(stdin) as sys.stdin, open(stdout, "w") as sys.stdout, open(stderr, "w") as sys.stderr:
        try:
            execute_from_command_line(["manage.py", *arguments])
        except Exception:
            traceback.print_exc()
            sys.exit(1)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")
    django.setup()
    for line in sys.stdin:
        command = fork.Process(target=carry_out, kwargs=json.loads(line))
        command.start()
        command.join()
        print(command.exitcode, flush=True)


if __name__ == "__main__":
    main()
