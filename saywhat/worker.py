"""daphne as one of several workers: `python -m saywhat.worker LIFELINE`, and what daphne takes.

The lifeline is a pipe that nothing is ever written to. The process that looks after the workers holds the other end,
and the kernel closes that when the process ends. Were it killed, its workers would otherwise keep the port for good.
"""

import os
import sys
from threading import Thread


def end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(1)  # nobody is left to end it if it did not manage by itself; what is acknowledged is committed


def main() -> None:
    _, lifeline, *arguments = sys.argv
    Thread(target=end_with, args=[int(lifeline)], daemon=True).start()
    from daphne.cli import CommandLineInterface

    CommandLineInterface().run(arguments)


if __name__ == "__main__":
    main()
