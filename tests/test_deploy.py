"""The files of scripts/deploy, as the programs that will read them read them."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from site_config import gunicorn
from tests.waiting import free_port

ROOT = Path(__file__).resolve().parent.parent
UNIT = (ROOT / "scripts/deploy/parlor.service").read_text()
BACKUP = (ROOT / "scripts/deploy/parlor-backup.service").read_text()
TIMER = (ROOT / "scripts/deploy/parlor-backup.timer").read_text()
WORKER = (ROOT / "scripts/deploy/parlor-worker@.service").read_text()
SITE = (ROOT / "scripts/deploy/nginx.conf").read_text()


def find(program):
    """Return its path; None, with a notice, where it is not installed."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not path:
        print(f"not checked: {program} is not installed")
    return path


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("parlor.service", UNIT),
        ("parlor-worker@replies.service", WORKER),
        ("parlor-backup.service", BACKUP),
        ("parlor-backup.timer", TIMER),
    ],
)
def test_systemd_understands_every_line_of_the_units(tmp_path, name, text):
    if not (systemd_analyze := find("systemd-analyze")):
        return
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to("/bin/true")
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    (tmp_path / "parlor.env").touch()
    unit = tmp_path / name
    unit.write_text(
        text.replace("/opt/parlor", str(tmp_path)).replace(
            "/etc/parlor.env", f"{tmp_path}/parlor.env"
        )
    )
    checked = run(systemd_analyze, "verify", "--man=no", unit)
    assert checked.returncode == 0, checked.stdout
    assert name not in checked.stdout  # An unknown key is only a warning.


def test_systemd_waits_until_gunicorn_has_given_up_waiting():
    timeouts = re.findall(r"^TimeoutStopSec=(\d+)s$", UNIT + WORKER, re.MULTILINE)
    longest_drain = 30  # .env.example says so.
    assert gunicorn.graceful_timeout - gunicorn.env.CHAT_DRAIN_SECONDS == 15
    assert len(timeouts) == 2
    assert all(int(timeout) > longest_drain + 15 + 10 for timeout in timeouts)


def test_nginx_understands_the_site(tmp_path):
    nginx, openssl = find("nginx"), find("openssl")
    if not (nginx and openssl):
        return
    checked = run(nginx, "-t", "-q", "-p", tmp_path, "-c", nginx_configuration(tmp_path, openssl))
    assert checked.returncode == 0, checked.stdout
    assert "[warn]" not in checked.stdout or "deprecated" in checked.stdout, checked.stdout


def nginx_configuration(folder, openssl):
    """Write one that needs no root, with the site and a certificate of its own."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = run(
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
        *("-subj", "/CN=chat.example", "-keyout", key, "-out", certificate),
    )
    assert made.returncode == 0, made.stdout
    site = re.sub(r"/etc/letsencrypt/\S*/fullchain\.pem", str(certificate), SITE)
    site = re.sub(r"/etc/letsencrypt/\S*/privkey\.pem", str(key), site)
    site = re.sub(r"(listen \S*?)\b(80|443)\b", lambda match: f"{match[1]}{free_port()}", site)
    if not has_ipv6():
        site = re.sub(r"listen \[::\].*", "", site)
    (folder / "site.conf").write_text(site)
    main = folder / "nginx.conf"
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(
        f"pid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}include {folder}/site.conf;\n}}\n"
    )
    return main


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
