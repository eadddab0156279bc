"""The table of settings: what the documents promise is what it says, and what is wrong is told."""

import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from site_config import environment
from site_config.setting_table import SettingTable
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
KEY = "long enough for every check, and not a secret: " + "test " * 5
PASSWORD = "no-line-may-quote-this"


def written(field):
    """Return the default as `.env.example` writes it."""
    if field.is_required():
        return ""
    default = field.default
    return str(default).lower() if isinstance(default, bool) else f"{default}"


TABLE = {
    name: (written(field), field.description) for name, field in SettingTable.model_fields.items()
}


def settings_in_example():
    lines = (ROOT / ".env.example").read_text().splitlines()
    found = {}
    for help_line, line in itertools.pairwise(lines):
        if match := re.fullmatch(r"#([A-Z_]+)=(.*)", line):
            found[match[1]] = match[2], help_line.removeprefix("# ")
    return found


def settings_in_readme():
    section = (ROOT / "README.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", section, re.MULTILINE)
    return {name: (default.strip("`"), text.replace("`", "")) for name, default, text in rows}


def settings_that_are_read():
    sources = [ROOT / "site_config" / name for name in ("settings.py", "gunicorn.py")]
    return set(re.findall(r"\benv\.([A-Z_]+)", "".join(map(Path.read_text, sources))))


@pytest.mark.row("O-163")
@pytest.mark.any_engine
def test_the_documents_show_the_table():
    assert settings_in_example() == TABLE
    assert settings_in_readme() == TABLE


def test_each_setting_is_read_and_explained():
    assert settings_that_are_read() == set(TABLE)
    for name, (_default, text) in TABLE.items():
        assert re.match(r"[A-Z].*[.]$", text), name


def faults(**values):
    return environment.check({"SECRET_KEY": KEY, **values})[1]


# The value, and what its line says of it: its fault, or what is allowed instead.
WRONG = [
    ("SECRET_KEY", "", "is empty"),
    ("DEBUG", "maybe", "is neither true nor false. Allowed: true or false"),
    ("HTTPS", "ture", "is neither true nor false"),
    ("HTTPS", "", "is neither true nor false"),
    ("SHARING", "2", "is neither true nor false"),
    ("ALLOWED_HOSTS", "", "is empty"),
    ("ALLOWED_HOSTS", "https://chat.example", "has no host name in 'https://chat.example'"),
    ("ALLOWED_HOSTS", "chat.example:8443", "without scheme and port"),
    ("ALLOWED_HOSTS", "a.example b.example", "separated by commas"),
    ("CSRF_TRUSTED_ORIGINS", "chat.example", "Allowed: origins as https://chat.example"),
    ("CSRF_TRUSTED_ORIGINS", "https://chat.example/chat/", "has more than scheme and host"),
    ("TRUSTED_PROXIES", "yes", "is no whole number"),
    ("TRUSTED_PROXIES", "-1", "is too small"),
    ("FORCE_SCRIPT_NAME", "parlor/", "as /parlor, without a slash at its end"),
    ("ADMIN_PATH", "/admin/", "is no path below the site"),
    ("ADMIN_PATH", "admin", "with a slash at its end"),
    ("ADMIN_PATH", "", "is no path below the site"),
    ("ADMIN_PATH", "chat/", "is where other pages are"),
    ("TIME_ZONE", "Berlin", "Allowed: a name as Europe/Berlin"),
    ("TIME_ZONE", "../etc/passwd", "is not known"),
    ("LOG_LEVEL", "LOUD", "Allowed: DEBUG or INFO or WARNING or ERROR or CRITICAL"),
    ("HOST", "http://127.0.0.1", "is neither an address nor a name"),
    ("PORT", "eight", "is no whole number"),
    ("PORT", "70000", "at least 1 and at most 65535"),
    ("WEB_CONCURRENCY", "0", "is too small. Allowed: a whole number, at least 1"),
    ("CHAT_ENGINE", "sellery", "Allowed: threads or celery"),
    ("CHAT_ENGINE", "celery", "CHAT_ENGINE=celery needs REDIS_URL"),
    ("DATABASE_URL", "", "begins with neither sqlite: nor postgresql:"),
    ("DATABASE_URL", "mysql://root@localhost/parlor", "begins with neither"),
    ("DATABASE_URL", "sqlite://db.sqlite3", "names no file"),
    ("DATABASE_URL", "sqlite:///db.sqlite3?timeout=3", "has options, of which there are none"),
    ("DATABASE_URL", f"postgresql://u:{PASSWORD}@h/p?sslmoed=require", '"sslmoed"'),
    ("DATABASE_URL", f"postgresql://u:{PASSWORD}@h/p?sslmode=yes", "has an sslmode that is none"),
    ("DATABASE_URL", f"postgresql://u:{PASSWORD}@h:54x/p", "has a port that is no number"),
    ("DATABASE_URL", f"postgresql://u:{PASSWORD} {PASSWORD}@h/p", "it is no such URL"),
    ("DATABASE_URL", "postgresql://h", "names no database"),
    ("DATABASE_POOL", "1", "at least 2"),
    ("REDIS_URL", "localhost:6379", "Allowed: redis://host:6379/0"),
    ("REDIS_URL", "redis://:6379/0", "names no host"),
    ("REDIS_URL", "redis://localhost/first", "has no number after the host"),
    ("REDIS_URL", "redis://localhost:port/0", "has a port that is no number"),
    ("MEDIA_ROOT", "", "is empty"),
    ("STATIC_ROOT", str(ROOT / "README.md"), "is a file"),
    ("MEDIA_STORAGE", "no_such_package.Storage", "is in no installed package"),
    ("MEDIA_STORAGE_OPTIONS", f"{{bucket: '{PASSWORD}'}}", "is no JSON"),
    ("MEDIA_STORAGE_OPTIONS", "[]", "Allowed: a JSON object"),
    ("ACCEL_REDIRECT", "files", "with a slash at both ends"),
    ("STORAGE_PER_PERSON", "1 GB", "is no whole number"),
    ("EMAIL_URL", "mail.example:587", "Allowed: smtp+tls://"),
    ("EMAIL_URL", f"smtp+tls://u:{PASSWORD}@h:587?tiemout=3", "'tiemout'"),
    ("EMAIL_URL", f"smtp+tls://u:{PASSWORD}@h:587?timeout=soon", "has no number"),
    ("EMAIL_URL", "smtp://", "names no host"),
    ("DEFAULT_FROM_EMAIL", "Parlor", "holds no e-mail address"),
    ("OPENAI_BASE_URL", "127.0.0.1:11434/v1", "Allowed: http:// or https://"),
    ("OPENAI_BASE_URL", "https:///v1", "names no host"),
    ("OPENAI_BASE_URL", f"https://h/v1?key={PASSWORD}", "has a query"),
    ("OPENAI_BASE_URL", "https://h /v1", "contains a space"),
    ("OPENAI_TIMEOUT", "0", "is too small. Allowed: a number, more than 0"),
    ("OPENAI_TIMEOUT", "nan", "is no number"),
    ("CHAT_MODEL_CONTEXT", "gpt", "has no model=… in 'gpt'"),
    ("CHAT_MODEL_CONTEXT", "gpt=8k", "has no number of tokens for 'gpt'"),
    ("CHAT_THREADS", "0", "is too small"),
    ("CHAT_DRAIN_SECONDS", "60", "at most 30"),
    ("CHAT_COST_PER_MONTH", "5 €", "is no number"),
    ("CHAT_COST_PER_MONTH", "Infinity", "is no number"),
    ("IMAGE_URL_HOSTS", "https://files.example.com", "without scheme, port and path"),
    ("CHAT_PRICES", "gpt=1", "Allowed: one-model=2.50/10.00"),
    ("IMAGE_PRICES", "dall=-1", "has no price of this form for 'dall'"),
    ("USAGE_RETENTION_DAYS", "30", "at least 31"),
    ("CHAT_THREAD", "5", "CHAT_THREAD is no setting. Did you mean CHAT_THREADS?"),
    ("ALLOWED_HOST", "a.example", "Did you mean ALLOWED_HOSTS?"),
    ("DATABASE_URI", "sqlite:///a", "Did you mean DATABASE_URL?"),
    ("TIMEZONE", "UTC", "Did you mean TIME_ZONE?"),
    ("https", "true", "Did you mean HTTPS?"),
]


@pytest.mark.row("O-164")
@pytest.mark.any_engine
@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_wrong_setting_is_one_clear_line(name, value, said):
    (line,) = faults(**{name: value})
    assert line.startswith(name)
    assert said in line
    assert "\n" not in line
    assert PASSWORD not in line


def test_an_engine_that_is_not_installed_is_told(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "celery" else find_spec(name)
    )
    (line,) = faults(CHAT_ENGINE="celery", REDIS_URL="redis://localhost")
    assert line == "CHAT_ENGINE=celery needs Celery: install requirements/celery.txt."


def test_what_is_missing_is_told():
    assert environment.check({})[1] == [
        "SECRET_KEY is not set. Allowed: at least 50 random characters."
    ]


def test_all_faults_are_told_at_once():
    assert len(faults(HTTPS="ture", CHAT_THREADS="x", PORTS="1", CHAT_PRICE="1", HOSTS="")) == 5


# What systemd, a container, a cluster, a shell and other programs set.
OTHERS = """
    HOME HOSTNAME LANG LANGUAGE LC_ALL LOGNAME MAIL PATH PWD SHELL SHLVL TERM TMPDIR TZ USER _
    DJANGO_SETTINGS_MODULE PYTHONPATH PYTHONUNBUFFERED VIRTUAL_ENV GUNICORN_CMD_ARGS
    INVOCATION_ID JOURNAL_STREAM LISTEN_FDS LISTEN_PID MAINPID NOTIFY_SOCKET RUNTIME_DIRECTORY
    STATE_DIRECTORY SYSTEMD_EXEC_PID HTTP_PROXY HTTPS_PROXY NO_PROXY https_proxy no_proxy
    SSL_CERT_FILE KUBERNETES_PORT KUBERNETES_SERVICE_HOST PARLOR_PORT PARLOR_SERVICE_PORT
    POSTGRES_DB POSTGRES_PASSWORD POSTGRES_USER PGHOST PGPASSWORD REDIS_HOST REDIS_PORT
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION EMAIL EDITOR PAGER
    OPENAI_ADMIN_KEY OPENAI_API_TYPE OPENAI_API_VERSION OPENAI_LOG OPENAI_ORG_ID
    OPENAI_PROJECT_ID TEST_DATABASE_URL TEST_ENGINE CHROMIUM COMPOSE_PROJECT_NAME
"""


@pytest.mark.row("O-165")
@pytest.mark.any_engine
def test_what_other_programs_set_is_theirs():
    assert faults(**dict.fromkeys(OTHERS.split(), "something")) == []


GOOD = [
    ("ALLOWED_HOSTS", "chat.example, .example.org,[::1],*", 4),
    ("CSRF_TRUSTED_ORIGINS", "https://*.example.org,http://localhost:8000", 2),
    ("HTTPS", "YES", True),
    ("DATABASE_URL", "postgresql:///parlor", None),
    ("HOST", "::", "::"),
    ("ADMIN_PATH", "staff/back-office/", "staff/back-office/"),
    ("CHAT_MODEL_CONTEXT", "a=b=8000, llama3:8b=4000", {"a=b": 8000, "llama3:8b": 4000}),
    ("CHAT_PRICES", "gpt=2.50/10.00, b=0/0", ["gpt=2.50/10.00", "b=0/0"]),
    ("CURRENCY", "$", "$"),
    ("OPENAI_API_KEY", "$ecret", "$ecret"),
    ("REDIS_URL", "rediss://:secret@redis.example:6380/2?ssl_cert_reqs=none", None),
    ("MEDIA_STORAGE_OPTIONS", '{"base_url": "/x/"}', {"base_url": "/x/"}),
]


@pytest.mark.parametrize(("name", "value", "read"), GOOD)
def test_what_is_right_is_taken(name, value, read):
    settings, lines = environment.check({"SECRET_KEY": KEY, name: value})
    assert lines == []
    found = getattr(settings, name)
    assert found == read or read is None or (isinstance(found, list) and len(found) == read)


@pytest.mark.row("O-166")
@pytest.mark.any_engine
def test_nothing_of_a_url_is_lost():
    url = "postgresql://me:p%40ss@db1,db2:5433/chat?sslmode=require&application_name=x%20y&gssencmode="
    settings, lines = environment.check(
        {
            "SECRET_KEY": KEY,
            "DATABASE_URL": url,
            "EMAIL_URL": "smtp+tls://me:p%40ss@mail.example?timeout=3&ssl_certfile=/c.pem",
        }
    )
    assert lines == []
    database = settings.DATABASE_URL
    assert database.pop("ENGINE").endswith("postgresql")
    assert database == {
        "NAME": "chat",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db1,db2",
        "PORT": ",5433",
        "OPTIONS": {"sslmode": "require", "application_name": "x y", "gssencmode": ""},
    }
    mail = settings.EMAIL_URL
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"]) == ("mail.example", 587)
    assert (mail["EMAIL_HOST_PASSWORD"], mail["EMAIL_USE_TLS"]) == ("p@ss", True)
    assert (mail["EMAIL_TIMEOUT"], mail["EMAIL_SSL_CERTFILE"]) == (3, "/c.pem")


@pytest.mark.row("O-166")
@pytest.mark.any_engine
def test_the_database_is_asked_as_its_url_says_with_our_limits():
    code = "import django; django.setup(); from django.db import connection as c"
    code += "; print(c.get_connection_params())"
    url = "postgresql://h/chat?sslmode=require&options=-c%20search_path%3Dours"
    settings = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "site_config.settings"}
    _, said = start(sys.executable, "-c", code, **settings)
    assert "'sslmode': 'require'" in said
    assert re.search(r"'options': '-c statement_timeout=\S+ .* -c search_path=ours'", said)


def start(*command, cwd=ROOT, **values):
    """Start a part of Parlor with these settings; return its code and what it said."""
    names = environment.SettingTable.model_fields
    kept = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**kept, "SECRET_KEY": KEY, **values},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    return done.returncode, done.stdout


SERVER = "-m", "gunicorn", "-c", "site_config/gunicorn.py", "site_config.asgi:application"
WORKER = "-m", "celery", "--app", "site_config.worker", "worker"
STARTS = {
    "a command": ["manage.py", "check"],
    "the server": SERVER,
    "a worker": WORKER,
    "scripts/serve": ["scripts/supervise.py"],
}


@pytest.mark.row("O-164")
@pytest.mark.any_engine
@pytest.mark.parametrize("part", STARTS)
def test_nothing_starts_with_wrong_settings(part):
    code, said = start(sys.executable, *STARTS[part], HTTPS="ture", CHAT_THREADS="0", PORTS="1")
    assert code
    assert said.splitlines() == [
        "Parlor does not start, for its settings are wrong:",
        "HTTPS='ture' is neither true nor false. Allowed: true or false.",
        "CHAT_THREADS='0' is too small. Allowed: a whole number, at least 1 and at most 10000.",
        "PORTS is no setting. Did you mean PORT?",
    ]


def test_a_key_made_for_development_is_not_served():
    settings, lines = environment.check({"SECRET_KEY": "django-insecure-" + KEY})
    assert lines == []
    (line,) = environment.weaknesses(settings)
    assert line.startswith("SECRET_KEY is one for development.")


@pytest.mark.row("O-164")
@pytest.mark.any_engine
@pytest.mark.parametrize("part", ["a command", "the server"])
def test_what_only_a_server_may_not_have_is_told(part):
    values = {"SECRET_KEY": "short", "MEDIA_STORAGE_OPTIONS": '{"no_such": 1}', "PORT": "1"}
    code, said = start(sys.executable, *STARTS[part], **values)
    assert code
    assert "SECRET_KEY is too short. Allowed: at least 50 random characters." in said
    assert "MEDIA_STORAGE cannot be used with MEDIA_STORAGE_OPTIONS: " in said
    assert "Traceback" not in said


def test_a_line_that_is_skipped_is_told_and_not_quoted():
    text = f"# Notes\n\n  # more\nexport HTTPS=true\nCHAT_THREADS = 5\nSECRET_KEY {PASSWORD}\n"
    _settings, lines = environment.check({"SECRET_KEY": KEY}, text)
    assert [re.search(r"line (\d+) cannot be read", line)[1] for line in lines] == ["5", "6"]
    assert PASSWORD not in "".join(lines)


@pytest.mark.row("O-164")
@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xef\xbb\xbfHTTPS=ture\r\nPORT=1\r\n", "HTTPS='ture' is neither true nor false."),
        (f"SECRET_KEY = {PASSWORD}\n".encode(), ".env, line 1 cannot be read."),
        ("CURRENCY=€\n".encode("latin-1", "replace") + b"\xff", ".env is no text in UTF-8."),
    ],
)
def test_a_file_of_settings_is_told_whatever_is_in_it(tmp_path, data, said):
    shutil.copy(ROOT / "manage.py", tmp_path)
    shutil.copytree(ROOT / "site_config", tmp_path / "site_config")
    (tmp_path / ".env").write_bytes(data)
    code, said_all = start(sys.executable, "manage.py", "check", cwd=tmp_path)
    assert code
    assert said in said_all
    assert PASSWORD not in said_all
    assert "Traceback" not in said_all
