"""What a read asks of the database, and what that costs there."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments.history import importing

TABLE = "comments_comment"
SEARCHED = (TABLE, "comments_words", "comments_grams")


@contextmanager
def large_history(rows: int, line: Callable[[int], dict]) -> Iterator[None]:
    """So many rows, a multiple of importing.CHUNK, that the database plans as on a large site; gone afterwards."""
    reader = importing.LineReader()
    for start in range(0, rows, importing.CHUNK):
        importing.store((n, reader.comment(line(n))) for n in range(start, start + importing.CHUNK))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield
    call_command("flush", interactive=False, verbosity=0)


def row(n: int, **more) -> dict:
    """A line of a large history: every thousandth is of a small domain."""
    return {
        "id": f"row-{n}",
        "timestamp": 1_500_000_000_000 + n * 1000,
        "username": f"user {n % 50}",
        "text": f"number {n}",
        "domain": "small.example" if n % 1000 == 0 else "large.example",
    } | more


def statements_of(read: Callable, tables: Iterable[str] = (TABLE,)) -> list[str]:
    """The statements about comments, or about these tables, that a read makes."""
    with CaptureQueriesContext(connection) as queries:
        read()
    return [query["sql"] for query in queries if any(table in query["sql"] for table in tables)]


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        return "\n".join(str(row) for row in cursor.fetchall()).replace('"', "")


def sorts(plan: str) -> bool:
    return "TEMP B-TREE" in plan or "Sort" in plan


def scans(plan: str) -> bool:
    return f"Seq Scan on {TABLE}" in plan or f"SCAN {TABLE}" in plan


def rows_touched(sql: str) -> int:
    """On PostgreSQL: rows that came out of the table's own scans, and those that these looked at and threw away."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [[plan]] = cursor.fetchall()
    return _rows_touched(plan[0]["Plan"])


def _rows_touched(node: dict) -> int:
    if node.get("Relation Name") == TABLE:
        return node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return sum(_rows_touched(child) for child in node.get("Plans", []))


def steps_of(sql: str) -> int:
    """On SQLite: the instructions of its virtual machine. Each row that is looked at takes some."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with connection.cursor() as cursor:
        connection.connection.set_progress_handler(step, 1)
        try:
            cursor.execute(sql)
            cursor.fetchall()
        finally:
            connection.connection.set_progress_handler(None, 0)
    return steps
