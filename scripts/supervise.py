"""Start the server, and the demo model where no other is named, and end them together.

Started by scripts/serve with the Python of .venv.
"""

import contextlib
import ctypes
import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path

import prepare

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))
from site_config import environment, open_files  # noqa: E402

DOT_ENV = ROOT / ".env"
SERVER = "gunicorn", "-c", "site_config/gunicorn.py", "site_config.asgi:application"
DEMO = "-m", "scripts.demo_openai", "--port", "0"
PR_SET_PDEATHSIG = 1  # prctl(2)

Children = dict[str, subprocess.Popen[str]]


def main() -> None:
    open_files.raise_limit()  # For the demo model, too.
    os.umask(0o077)  # The database and the pictures are nobody else's.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # As Ctrl-C: KeyboardInterrupt.
    make_secret_key()
    env = environment.read()
    host, port = env.HOST, env.PORT
    check_port(host, port)
    children: Children = {}
    try:
        prepare.migrate(env.DATABASE_URL)
        if not env.DEBUG:  # Else Django serves them from where they are.
            prepare.collect_static(Path(env.STATIC_ROOT))
        if not env.OPENAI_API_KEY and not env.OPENAI_BASE_URL:
            start_demo(children)
        children["The server"] = start("-m", *SERVER)
        if wait_for_answer(host, port, children["The server"]):
            print(f"Parlor is on {address(host, port)} (Ctrl-C ends it).", flush=True)
        name = first_to_end(children)
        print(f"{name} has ended by itself, with code {children[name].wait()}.", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        pass
    finally:
        stop(children)


def make_secret_key() -> None:
    """Write a SECRET_KEY into .env if there is none anywhere."""
    data = DOT_ENV.read_bytes() if DOT_ENV.exists() else b""
    if not os.environ.get("SECRET_KEY") and not re.search(rb"^(export )?SECRET_KEY=\S", data, re.M):
        rest = re.sub(rb"^(export )?SECRET_KEY=[^\S\n]*$", b"#SECRET_KEY=", data, flags=re.M)
        line = f"SECRET_KEY={secrets.token_urlsafe(50)}\n".encode()
        new = DOT_ENV.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_bytes(line + rest)  # Without an empty one: of two lines, the last counts.
        new.rename(DOT_ENV)
        print("Wrote a new SECRET_KEY to .env.", flush=True)


def check_port(host: str, port: int) -> None:
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except (OSError, OverflowError) as error:
        sys.exit(
            f"Cannot serve on HOST={host}, PORT={port}: {getattr(error, 'strerror', error)}.\n"
            "For another port, for example: PORT=8001 scripts/serve"
        )


def start(*arguments: str, stdout: int | None = None) -> subprocess.Popen[str]:
    """Start Python in a session of its own, where Ctrl-C reaches only us, who end it gently."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=_end_with_parent,
        stdout=stdout,
        text=True,
    )


def _end_with_parent() -> None:
    """Get SIGTERM should the parent die without ending us; only Linux knows how."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start_demo(children: Children) -> None:
    demo = children["The demo model"] = start(*DEMO, stdout=subprocess.PIPE)
    assert demo.stdout
    words = demo.stdout.readline().split()  # "listening on http://…"
    if words[:2] != ["listening", "on"]:
        sys.exit("The demo model did not start: see above.")
    os.environ |= {
        "OPENAI_BASE_URL": words[2],
        "CHAT_MODELS": "",
        "CHAT_DEFAULT_MODEL": "parlor-demo",
        "DEMO_MODEL": "true",
    }
    print(
        "There is no OPENAI_API_KEY and no OPENAI_BASE_URL, in the environment or in .env:\n"
        f"Parlor's demo model, on {words[2]}, answers instead.",
        flush=True,
    )


def wait_for_answer(host: str, port: int, server: subprocess.Popen[str]) -> bool:
    """Wait until a page comes back, or until the server has ended instead."""
    where = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while server.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(where, port, timeout=60)
            connection.request("GET", "/healthz/", headers={"Connection": "close"})
            connection.getresponse()
            connection.close()
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.05)
    return False


def address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def first_to_end(children: Children) -> str:
    ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    return next(name for name, child in children.items() if ended and child.pid == ended.si_pid)


def stop(children: Children) -> None:
    """End the server, which may finish its replies, and then the demo model, which writes them."""
    for name, child in reversed(children.items()):
        try:
            if child.poll() is None:
                child.terminate()
                if name == "The server":
                    print("\nFinishing running replies; Ctrl-C again to stop at once.", flush=True)
                child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGQUIT)  # gunicorn's word for "at once".
            child.wait()


if __name__ == "__main__":
    main()
