"""A worker of Celery in a process of its own, as scripts/worker starts it."""

import subprocess
import sys

from tests.waiting import PATIENCE, ROOT


class Worker:
    """It does what a server hands out; the options are those of scripts/worker."""

    def __init__(self, server, log, *options):
        self.log = log
        env = {**server.env, "PYTHON": sys.executable}
        with log.open("a") as output:
            self._begun = output.tell()
            self.process = subprocess.Popen(
                ["scripts/worker", *options], cwd=ROOT, env=env, stdout=output, stderr=output
            )

    def is_ready(self):
        return b" ready." in self.log.read_bytes()[self._begun :]

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def terminate(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
