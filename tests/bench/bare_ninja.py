"""A whole Django site that does one thing: POST inserts one row, durably. With our settings for SQLite."""

import os
from pathlib import Path

from django.conf import settings

VAR_DIR = Path(os.environ["VAR_DIR"])
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
}

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="of no use",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["ninja"],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "bare.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
        }
    },
)

from django.core.asgi import get_asgi_application  # noqa: E402

application = get_asgi_application()

from django.db import connection, models  # noqa: E402
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
urlpatterns = [path("api/", api.urls)]


@api.post("/comments", response={201: RowIn})
def insert(request, row: RowIn):
    return 201, Row.objects.create(**row.dict())


with connection.schema_editor() as editor:
    editor.create_model(Row)
connection.close()
