"""Check that the stream is in order."""

from django.core.management.base import BaseCommand, CommandError

from comments.upkeep import checking


class Command(BaseCommand):
    help = "Compare the clock with the comments, and these with their words. Exit status 1: something is wrong."

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true", help="put right what follows from something else")

    def handle(self, *args, repair: bool, **options):
        for fault in checking.repair() if repair else []:
            self.stdout.write(f"Repaired: {fault.sentence}")
        faults = checking.faults()
        for fault in faults:
            advice = " Run check_stream --repair." if fault.repair else ""
            self.stderr.write(fault.sentence + advice)
        if faults:
            raise CommandError("The stream is not in order: see above.")
        self.stdout.write("The stream is in order.")
