#!/usr/bin/env python3
"""Django's command line for Say What Want."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed here: run bin/serve, or pip install -r requirements.txt") from error
    from saywhat.faults import told

    with told():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
