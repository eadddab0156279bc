"""nginx with the site of scripts/deploy, on free ports and with a certificate of its own."""

import os
import re
import shutil
import socket
import ssl
import subprocess
from contextlib import contextmanager

from tests.waiting import PATIENCE, ROOT, free_port, wait_until

NAME = "chat.example"


def find(program):
    """Return its path; None, with a notice, where it is not installed."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not path:
        print(f"not checked: {program} is not installed")
    return path


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Nginx:
    """The site in front of a server of ours on this port."""

    def __init__(self, folder, backend=8000):
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self.path, openssl = find("nginx"), find("openssl")
        self.is_installed = bool(self.path and openssl)
        if self.is_installed:
            self._make_certificate(openssl)
            self._configure(backend)

    def _make_certificate(self, openssl):
        made = run(
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", f"/CN={NAME}", "-keyout", self.folder / "key.pem"),
            *("-out", self.folder / "certificate.pem"),
        )
        assert made.returncode == 0, made.stdout

    def _configure(self, backend):
        """Write a configuration that needs no root."""
        site = (ROOT / "scripts/deploy/nginx.conf").read_text()
        site = re.sub(
            r"/etc/letsencrypt/\S*/fullchain\.pem", f"{self.folder}/certificate.pem", site
        )
        site = re.sub(r"/etc/letsencrypt/\S*/privkey\.pem", f"{self.folder}/key.pem", site)
        site = re.sub(r"(listen \S*?)\b80\b", rf"\g<1>{self.port}", site)
        site = re.sub(r"(listen \S*?)\b443\b", rf"\g<1>{self.tls_port}", site)
        site = site.replace("127.0.0.1:8000", f"127.0.0.1:{backend}")
        site = re.sub(r"listen (?=\d)", "listen 127.0.0.1:", site)
        site = re.sub(r"listen \[::\].*", "", site)  # Not every machine has IPv6.
        (self.folder / "site.conf").write_text(site)
        paths = "".join(
            f"{name}_temp_path {self.folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "" if os.geteuid() else "user root root;\n"
        self.configuration = self.folder / "nginx.conf"
        self.configuration.write_text(
            f"{user}pid {self.folder}/pid;\nerror_log stderr;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{paths}include {self.folder}/site.conf;\n}}\n"
        )

    @property
    def command(self):
        return [self.path, "-p", str(self.folder), "-c", str(self.configuration)]

    @contextmanager
    def running(self):
        process = subprocess.Popen([*self.command, "-g", "daemon off;"])
        try:
            wait_until(lambda: self._is_listening(process))
            yield self
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def _is_listening(self, process):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", self.tls_port), timeout=PATIENCE).close()
        except OSError:
            return False
        return True

    def ask(self, *lines, body="", name=NAME):
        """Send a request over TLS, to the server of this name; return the whole answer."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.tls_port), timeout=PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=name) as connection,
        ):
            return exchange(connection, *lines, body=body)

    def ask_plainly(self, *lines):
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            return exchange(connection, *lines)


def exchange(connection, *lines, body=""):
    connection.sendall("\r\n".join([*lines, "Connection: close", "", body]).encode())
    return b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")
