"""The container's files, as far as they can be tried without an engine for containers."""

import json
import os
import re
import shlex
import shutil
import subprocess
from fnmatch import fnmatch

import pytest
import yaml

from site_config.setting_table import SettingTable
from tests.waiting import PATIENCE, ROOT, free_port, wait_until

DEPLOY = ROOT / "scripts/deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if each["image"] == "parlor"}


def instructions():
    """List the Dockerfile's instructions with their arguments."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


def last(name):
    return [rest for instruction, rest in instructions() if instruction == name][-1]


def copied():
    """Yield what is copied from the project into the image, and where to."""
    stage = [index for index, (name, _) in enumerate(instructions()) if name == "FROM"][-1]
    for name, rest in instructions()[stage:]:
        if name == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            yield from ((source, target) for source in sources)


def test_the_image_runs_without_root_and_is_looked_after():
    names = [name for name, _ in instructions()]
    assert last("USER") == "parlor"
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "RUN")
    assert "HEALTHCHECK" in names


def test_what_is_copied_is_there_and_is_sent_to_the_engine():
    kept = re.findall(r"^!(.*)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    for source, _target in copied():
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, each) for each in kept), source
    assert not any(fnmatch(name, each) for name in (".env", ".venv", "media") for each in kept)


def variables():
    pairs = [rest for name, rest in instructions() if name == "ENV"]
    return dict(pair.split("=", 1) for rest in pairs for pair in rest.split())


def test_the_settings_of_the_image_are_settings():
    others = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    assert set(variables()) - others <= set(SettingTable.model_fields)


@pytest.fixture
def image(tmp_path):
    """A folder with what the image would have, and its environment."""
    folder, data = tmp_path / "opt", tmp_path / "data"
    folder.mkdir()
    data.mkdir()
    for source, target in copied():
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, folder / target)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    environment = {
        name: value.replace("/opt/parlor", str(folder)).replace("/var/lib/parlor", str(data))
        for name, value in variables().items()
    }
    return folder, {
        "PATH": os.environ["PATH"],
        **environment,
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
    }


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_the_image_migrates_serves_and_writes_only_data(image):
    folder, environment = image
    (static,) = [rest for name, rest in instructions() if name == "RUN" and "collectstatic" in rest]
    run = {"cwd": folder, "check": True, "timeout": 4 * PATIENCE}
    subprocess.run(["sh", "-c", static], env=environment, **run)
    before = contents(folder)
    environment |= {"SECRET_KEY": "test " * 12, "ALLOWED_HOSTS": "chat.example", "HTTPS": "true"}
    subprocess.run(OURS["migrate"]["command"], env=environment, **run)
    server = subprocess.Popen(json.loads(last("CMD")), cwd=folder, env=environment)
    try:
        probe = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
        wait_until(lambda: not subprocess.run(probe, cwd=folder, env=environment).returncode)
    finally:
        server.terminate()
        assert server.wait(PATIENCE) == 0
    assert subprocess.run(probe, cwd=folder, env=environment).returncode
    assert contents(folder) == before


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_service_of_ours_can_write_only_data(name):
    service = OURS[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["volumes"] == ["data:/var/lib/parlor"]
    assert not {"privileged", "user", "network_mode", "pid"} & service.keys()
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    assert shlex.split(" ".join(service.get("command", ["x"])))[0] in (
        "x",
        ".venv/bin/python",
        "scripts/worker",
    )


def test_the_services_fit_together():
    services = COMPOSE["services"]
    profiles = {name: each.get("profiles", []) for name, each in services.items()}
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            is_there = not profiles[other] or profiles[other] == profiles[name]
            assert is_there or how["required"] is False, f"{name} needs {other}"
            if how["condition"] == "service_healthy":
                assert "test" in services[other]["healthcheck"]
        used = {each.partition(":")[0] for each in service.get("volumes", [])}
        assert used <= set(COMPOSE["volumes"])
    assert {name for name, each in profiles.items() if not each} == {"migrate", "web"}
    assert all(
        port.startswith("127.0.0.1:")
        for each in services.values()
        for port in each.get("ports", [])
    )
