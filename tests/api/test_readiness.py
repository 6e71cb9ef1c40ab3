"""Whether readers may be sent to a process."""

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from comments.api import readiness
from comments.reading.news import news
from comments.reading.tail import tail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def just_started(monkeypatch):
    monkeypatch.setattr(readiness.Migrations, "are_applied", False)
    monkeypatch.setattr(news, "is_leaving", False)


def told(api) -> tuple[int, str]:
    answer = api.get("/api/ready")
    return answer.status_code, answer.json().get("code", "")


def test_a_process_with_everything_in_place_is_ready(api):
    assert told(api) == (200, "")
    assert api.get("/api/ready").json() == {"status": "ready"}


def test_one_whose_database_is_older_than_the_code_is_not_until_it_is_migrated(api):
    newest = MigrationRecorder.Migration.objects.filter(app="comments").latest("id")
    newest.delete()
    assert told(api) == (503, "not_migrated")
    assert api.get("/api/comments/health").status_code == 200
    MigrationRecorder.Migration(app=newest.app, name=newest.name).save()
    assert told(api) == (200, "")


def test_one_that_is_being_stopped_is_not(api, monkeypatch):
    monkeypatch.setattr(news, "is_leaving", True)
    assert told(api) == (503, "leaving")


def test_one_that_cannot_read_the_tail_is_not(api, monkeypatch):
    assert told(api) == (200, "")

    def fails():
        raise OperationalError("away")

    monkeypatch.setattr(tail, "_follow", fails)
    assert told(api) == (503, "unavailable")
