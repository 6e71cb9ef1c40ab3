"""What is counted of how the site does, in the terms of Prometheus; `saywhat/metrics.py` tells it.

No label holds what a visitor can choose: each has a few values, which stand in the code.
"""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)

requests = Histogram(
    "saywhat_request_seconds",
    "How long answers took, by operation and status.",
    ["operation", "status"],
    buckets=SECONDS,
)
posts = Counter("saywhat_posts", "What became of posts: how they were stored, or why they were refused.", ["outcome"])
tail_reads = Histogram("saywhat_tail_read_seconds", "How long reads of the tail took.", buckets=SECONDS)
tail_questions = Counter("saywhat_tail_questions", "Questions that reads of the tail have answered.")
tail_read_at = Gauge(
    "saywhat_tail_read_timestamp_seconds",
    "When the tail was last read: in the process where that is longest ago.",
    multiprocess_mode="livemin",
)
sockets = Gauge("saywhat_sockets", "Open WebSockets.", multiprocess_mode="livesum")
long_polls = Gauge("saywhat_long_polls", "Long polls that wait.", multiprocess_mode="livesum")
places = Gauge(
    "saywhat_places_taken", "Requests that Django works on or that wait for it.", ["kind"], multiprocess_mode="livesum"
)
work_looks = Counter("saywhat_work_looks", "Looks into the queue of work for bots, for all that wait.")
deliveries = Counter("saywhat_webhook_calls", "Calls of webhooks, by what became of them.", ["outcome"])
hints = Counter("saywhat_hints", "Hints between the processes.", ["way"])
unhinted = Counter("saywhat_news_without_hint", "News that a process has found by looking for itself.")
pool = Gauge("saywhat_database_pool", "Connections to PostgreSQL.", ["what"], multiprocess_mode="livesum")
held = Gauge("saywhat_held_comments", "Comments that wait for a moderator.", multiprocess_mode="mostrecent")
clock_ahead = Gauge(
    "saywhat_database_clock_ahead_seconds",
    "How far the database's clock is ahead of this machine's.",
    multiprocess_mode="mostrecent",
)
stream_ahead = Gauge(
    "saywhat_stream_clock_ahead_seconds",
    "How far the clock of the stream is ahead of the database's; far below 0 while nothing is written.",
    multiprocess_mode="mostrecent",
)
