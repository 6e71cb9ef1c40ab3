"""The files of deploy/ that no test can run: each setting, path, port and command in them is one that there is."""

import configparser
import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.test import Client

from saywhat import serve
from tests.support.declared_settings import ROOT, declared_settings

DEPLOY = ROOT / "deploy"
DOCKERFILE = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
APPLICATIONS = [name for name, service in COMPOSE["services"].items() if "build" in service]
PORT = re.search(r"^EXPOSE ([0-9]+)$", DOCKERFILE, re.MULTILINE)[1]
OF_BIN_SERVE = set(re.findall(r"\$\{([A-Z]+):-", (ROOT / "bin/serve").read_text()))

pytestmark = pytest.mark.once


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def set_in_the_image() -> dict[str, str]:
    return dict(word.split("=", 1) for line in instructions("ENV") for word in shlex.split(line))


def test_what_the_image_copies_is_there():
    for line in instructions("COPY"):
        source = line.split()[-2]
        assert line.startswith("--from=") or (ROOT / source).exists(), line


def test_what_the_image_and_the_services_set_are_settings():
    theirs = {name for name in set_in_the_image() if not name.startswith(("PYTHON", "PATH"))}
    theirs |= {name for service in APPLICATIONS for name in COMPOSE["services"][service]["environment"]}
    assert theirs and theirs <= declared_settings().keys()
    unit = (DEPLOY / "saywhat.service").read_text()
    assert set(re.findall(r"\b([A-Z_]{4,})=", unit)) <= declared_settings().keys() | OF_BIN_SERVE


def test_the_image_starts_the_server_as_it_wants_to_be_started(monkeypatch):
    command = yaml.safe_load(instructions("CMD")[-1])
    assert command[:3] == ["python", "-m", "saywhat.serve"]
    monkeypatch.setattr(sys, "argv", command[2:])
    asked = serve.options()
    assert (asked.host, str(asked.port), asked.server, asked.prepare) == ("0.0.0.0", PORT, "uvicorn", True)


def test_the_image_has_the_packages_of_that_server():
    assert "-r /requirements-uvicorn.txt" in DOCKERFILE
    assert "\nUSER saywhat\n" in DOCKERFILE


@pytest.mark.django_db
def test_the_health_check_asks_what_answers():
    [url] = re.findall(r"http://127\.0\.0\.1:[^']+", DOCKERFILE)
    assert url.startswith(f"http://127.0.0.1:{PORT}/")
    assert Client().get(url.partition(PORT)[2]).status_code == 200


def test_a_read_only_service_may_write_where_the_site_keeps_its_things():
    for name in APPLICATIONS:
        service = COMPOSE["services"][name]
        assert service["read_only"] and set_in_the_image()["VAR_DIR"] in service["tmpfs"]
        assert "SECRET_KEY" in service["environment"]  # or each start would make another one


def test_the_services_name_files_and_each_other_as_they_are():
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).is_file(), volume
        assert set(service.get("depends_on", [])) <= COMPOSE["services"].keys()
        build = service.get("build", {"context": "..", "dockerfile": "deploy/Dockerfile"})
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_the_proxy_of_the_services_knows_all_application_servers_by_their_port():
    upstream = COMPOSE["configs"]["upstream"]["content"]
    servers = {name for name in APPLICATIONS if "command" not in COMPOSE["services"][name]}
    assert set(re.findall(r"server (\w+):(\w+)", upstream)) == {(name, PORT) for name in servers}
    assert re.search(r"upstream (\w+)", upstream)[1] == re.search(r"proxy_pass http://(\w+)", nginx())[1]


def nginx() -> str:
    return (DEPLOY / "nginx.conf").read_text()


def test_the_backup_is_made_by_a_command_that_there_is():
    command = COMPOSE["services"]["backup"]["command"]
    assert re.search(r"manage\.py (\w+)", command)[1] in get_commands()
    folder = re.search(r'"(/\w+)/', command)[1]
    assert folder in [volume.split(":")[1] for volume in COMPOSE["services"]["backup"]["volumes"]]


def test_the_unit_runs_what_is_in_the_checkout():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / "saywhat.service")
    service, checkout = unit["Service"], unit["Service"]["WorkingDirectory"]
    assert (ROOT / Path(service["ExecStart"]).relative_to(checkout)).is_file()
    assert service["ReadWritePaths"] == f"{checkout}/var"
    assert int(service["TimeoutStopSec"]) > 25


def test_the_proxy_takes_no_larger_body_than_the_application(settings):
    assert f"client_max_body_size {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024}k;" in nginx()
