"""One server process: `python -m saywhat.worker --server daphne --fd 3 saywhat.asgi:application`.

The lifeline is a pipe that nothing is ever written to. The process that looks after the workers holds the other end,
and the kernel closes that when the process ends. Were it killed, its workers would otherwise keep the port for good.
"""

import argparse
import os
import sys
from importlib import import_module
from threading import Thread

from .faults import told

SERVERS = {"daphne": "saywhat.under_daphne", "uvicorn": "saywhat.under_uvicorn"}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="saywhat.worker", description="One server process.")
    parser.add_argument("--server", choices=SERVERS, default="daphne")
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--lifeline", type=int, help="ends this process when it is closed")
    parser.add_argument("--ready", type=int, help="is written to when the process answers")
    parser.add_argument("application")
    return parser.parse_args()


def end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(1)  # nobody is left to end it if it did not manage by itself; what is acknowledged is committed


def main() -> None:
    asked = options()
    if asked.lifeline is not None:
        Thread(target=end_with, args=[asked.lifeline], daemon=True).start()

    def tell_ready() -> None:
        if calling := sys.modules.get("saywhat.calling"):  # our own application has imported it; others are measured
            calling.begin()
        if asked.ready is not None:
            os.write(asked.ready, b".")

    server = import_module(SERVERS[asked.server])  # before the application, which teaches it: see phrases.py
    with told():
        import_module(asked.application.partition(":")[0])
    server.serve(asked.application, asked.fd, tell_ready)


if __name__ == "__main__":
    main()
