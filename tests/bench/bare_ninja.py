"""A whole Django site that does one thing: POST inserts one row, durably. With our settings for SQLite."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings

DATABASE = Path(os.environ["VAR_DIR"], "bare.sqlite3")
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
}

with closing(sqlite3.connect(DATABASE)) as made:
    made.execute("CREATE TABLE bare_row (id integer PRIMARY KEY AUTOINCREMENT, text text, username varchar(64))")

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="of no use",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["ninja"],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE,
            "OPTIONS": SQLITE_OPTIONS,
        }
    },
)

from django.core.asgi import get_asgi_application  # noqa: E402

application = get_asgi_application()

from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import NinjaAPI, Schema  # noqa: E402


class Row(models.Model):
    text = models.TextField()
    username = models.CharField(max_length=64)

    class Meta:
        app_label = "bare"


class RowIn(Schema):
    text: str
    username: str


api = NinjaAPI()


@api.post("/comments", response={201: RowIn})
def insert(request, row: RowIn):
    return 201, Row.objects.create(**row.dict())


urlpatterns = [path("api/", api.urls)]
