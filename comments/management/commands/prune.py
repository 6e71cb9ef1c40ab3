"""Let go of what has been kept long enough."""

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from comments.stream.clock import wall_now
from comments.upkeep import retention


class Command(BaseCommand):
    help = (
        "Take away comments that are older than RETENTION_DAYS, and the words of those that have been hidden for "
        "HIDDEN_DAYS. The server does this once a day."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args, dry_run: bool, **options):
        now = wall_now()
        gone, erased = retention.outlived(now).count(), retention.hidden_for_long(now).count()
        if not dry_run:
            with tqdm(total=gone + erased, desc="Pruning", unit="comment", disable=None) as bar:
                gone, erased = retention.prune(now, bar.update)
        done = "would be" if dry_run else "were"
        self.stdout.write(f"{gone} comments {done} taken away, and the words of {erased} erased.")
        if not (settings.RETENTION_DAYS or settings.HIDDEN_DAYS):
            self.stdout.write("RETENTION_DAYS and HIDDEN_DAYS are 0: everything is kept.")
