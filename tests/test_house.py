"""What the house style forbids, looked for in every file."""

import ast
import hashlib
import os
import re
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).resolve().parent.parent
MADE_BY_TOOLS = {"__pycache__", "node_modules", "static_root", "media", "screenshots"}
SCRIPTS = {".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".vue", ".coffee", ".wasm"}

READERS = ("bs4", "chardet", "defusedxml", "mammoth", "markdownify", "openpyxl", "striprtf")
READERS += ("tinyhtml5",)

# One owner for each outside thing: what only these files may import, or name.
MARKDOWN, EXTRACTION = "apps/markdown/*.py", "apps/chat/attachments/extraction/*.py"
OWNERS = {
    # The AI service.
    "openai": ["apps/gateway/client.py"],
    "httpx2": ["apps/gateway/*.py"],
    "httpcore2": ["apps/gateway/transport/*.py"],
    "socket": ["apps/gateway/transport/network.py"],
    # Other servers.
    "redis": ["apps/core/cache/redis_client.py"],
    "celery": ["apps/jobs/celery.py"],
    "kombu": ["apps/jobs/celery.py"],
    "psycopg": ["apps/core/db/backup_database.py", "site_config/setting_types/service_urls.py"],
    "botocore": ["apps/core/files/remote_storage.py"],
    "prometheus_client": ["apps/core/monitoring/metrics.py", "site_config/gunicorn.py"],
    "sentry_sdk": ["apps/core/monitoring/sentry.py"],
    # What is read and made in processes of their own, so that the server's memory holds none.
    "PIL": ["apps/ghibli_converter/images/worker.py"],
    "pillow_heif": ["apps/ghibli_converter/images/worker.py"],
    "weasyprint": ["apps/chat/transfers/exports/pdf_worker.py"],
    "pypdf": [EXTRACTION, "apps/chat/transfers/exports/pdf_worker.py"],
    **{library: [EXTRACTION] for library in READERS},
    # Imports read HTML, too, in the background.
    "bs4": [EXTRACTION, "apps/markdown/from_html.py"],
    "markdownify": [EXTRACTION, "apps/markdown/from_html.py"],
    # Text and HTML.
    "markdown_it": [MARKDOWN],
    "nh3": [MARKDOWN],
    "pygments": ["apps/markdown/highlighting.py"],
    "math_core": ["apps/markdown/maths/converter.py"],
    "regex": ["apps/core/text.py"],
    "mark_safe": [MARKDOWN, "apps/chat/templatetags/*.py"],
    "SafeString": [MARKDOWN, "apps/chat/templatetags/*.py"],
    # The process, its server and its settings.
    "gunicorn": ["site_config/gunicorn.py"],
    "servestatic": ["site_config/asgi.py"],
    "pydantic": ["site_config/*.py"],
    "pydantic_core": ["site_config/*.py"],
    "environ": ["site_config/environment.py", "site_config/setting_types/service_urls.py"],
    "cryptography": ["apps/users/login/encryption.py"],
    "Thread": [
        "apps/chat/replies/streaming/*.py",
        "apps/gateway/*.py",
        "apps/jobs/*.py",
        "apps/server/request_threads.py",
    ],
}

NAMED = {"mark_safe", "SafeString", "Thread"}  # As in threading.Thread.

# Packages whose names are Django's say nothing of their own.
SELF_EVIDENT = ("migrations", "management", "templatetags")

# How large things may be; what is larger holds two subjects.
MODULES_OF_A_FOLDER = 14
MAY_HOLD_MORE = ("views", "migrations", "management")  # A module for each page, change, command.
LINES_OF_A_MODULE = 250
MAY_BE_LONGER = ["site_config/settings.py", "apps/*/migrations/*"]
STILL_TOO_LONG = {"apps/gateway/reply/parser.py"}
# Lines of a function's body: the middle one, nine in ten, all.
MEDIAN, NINE_IN_TEN, LONGEST = 5, 14, 40

TAG = r"<[a-zA-Z][^>]*?"
OTHER_HOST = r"""\s*["']?\s*(?:[a-z]+:)?//"""
FORBIDDEN_IN_PAGES = {
    "an inline script": r"<script\b(?![^>]*\ssrc=)",
    "an inline style": rf"<style\b|{TAG}\sstyle\s*=",
    "an event handler": rf"{TAG}\son[a-z]+\s*=",
    "hx-on": r"\bhx-on\b",
    "a script as an address": r"javascript:",
    "a cut within a character": r"\|\s*truncate(chars|words)",
    "unescaped text": r"\|\s*safe(seq)?\b|\bautoescape\s+off\b",
    "another host": rf"<(?!a\b)[a-z]+[^>]*?\s(src|srcset|href|data|action)={OTHER_HOST}",
}


def files(*patterns):
    """List the project's files, by their paths; not what a tool has made, and no dot folder."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [each for each in folders if each[0] != "." and each not in MADE_BY_TOOLS]
        found += [str((Path(folder) / name).relative_to(ROOT)) for name in names]
    return sorted(path for path in found if any(fnmatch(path, each) for each in patterns))


def read(path):
    return (ROOT / path).read_text()


PAGES = files("templates/*.html", "apps/*/templates/*.html")
MODULES = files("apps/*.py", "site_config/*.py")
ALL_MODULES = MODULES + files("scripts/*.py")
SHELL_SCRIPTS = [path for path in files("scripts/*") if Path(path).suffix in ("", ".sh")]
PACKAGES = [
    path
    for path in ALL_MODULES
    if path.endswith("/__init__.py") and not any(part in SELF_EVIDENT for part in path.split("/"))
]


def test_there_are_files_to_look_at():
    assert "templates/base.html" in PAGES
    assert "apps/core/views.py" in MODULES
    assert "static/vendor/htmx/htmx.min.js" in files("static/*")
    assert {"scripts/test", "scripts/environment.sh"} <= set(SHELL_SCRIPTS)
    assert "apps/chat/replies/__init__.py" in PACKAGES


def test_no_script_is_our_own():
    scripts = [path for path in files("*") if Path(path).suffix in SCRIPTS]
    assert [path for path in scripts if not path.startswith("static/vendor/")] == []


@pytest.mark.parametrize("folder", sorted((ROOT / "static/vendor").iterdir()), ids=lambda f: f.name)
def test_vendored_scripts_are_unmodified(folder):
    sums = dict(line.split()[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    scripts = [path for path in folder.rglob("*") if path.suffix in SCRIPTS]
    assert {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in scripts
    } == sums


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_nothing_forbidden(page):
    text = re.sub(r"{#.*?#}", "", read(page))
    found = {
        what: match[0]
        for what, pattern in FORBIDDEN_IN_PAGES.items()
        if (match := re.search(pattern, text, re.IGNORECASE))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("what", "markup"),
    [
        ("an inline script", "<script nonce='1'>"),
        ("an inline style", "<p class='a'\n style='color: red'>"),
        ("an inline style", "<style>"),
        ("an event handler", "<button type='button' onclick='a()'>"),
        ("hx-on", "<p hx-on:click='a()'>"),
        ("a script as an address", "<a href='javascript:a()'>"),
        ("a cut within a character", "{{ text|truncatechars:60 }}"),
        ("unescaped text", "{{ text|safe }}"),
        ("unescaped text", "{% autoescape off %}"),
        ("another host", "<script defer src='https://cdn.example/a.js'>"),
        ("another host", '<link rel="stylesheet" href="//cdn.example/a.css">'),
    ],
)
def test_the_patterns_find_what_they_are_for(what, markup):
    assert re.search(FORBIDDEN_IN_PAGES[what], markup, re.IGNORECASE)


@pytest.mark.parametrize("sheet", files("static/css/*.css"))
def test_a_style_sheet_loads_nothing_from_another_host(sheet):
    assert not re.search(rf"url\({OTHER_HOST}|@import\s+{OTHER_HOST}", read(sheet))


def test_the_style_sheet_of_the_pages_holds_each_of_them_once():
    imported = re.findall(r'^@import "(.+)";$', read("static/css/parlor.css"), re.MULTILINE)
    sheets = {Path(sheet).name for sheet in files("static/css/*.css")}
    assert sorted([*imported, "parlor.css", "pdf.css"]) == sorted(sheets)


@pytest.mark.parametrize("module", MODULES)
def test_the_content_policy_is_not_loosened(module):
    assert "unsafe-" not in read(module)


@pytest.mark.parametrize("module", MODULES)
def test_outside_things_have_one_owner(module):
    tree = ast.parse(read(module))
    for name in sorted(imported_names(tree) & set(OWNERS)):
        assert any(fnmatch(module, owner) for owner in OWNERS[name]), f"{module} imports {name}"


def imported_names(tree):
    """List the packages that are imported, and the names that have owners."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            package = node.module.split(".")[0]
            names |= {package} if package == "apps" else {package, *(a.name for a in node.names)}
        elif isinstance(node, ast.Attribute) and node.attr in NAMED:
            names.add(node.attr)
    return names & set(OWNERS)


def test_no_folder_holds_too_many_modules():
    folders = Counter(Path(path).parent for path in ALL_MODULES if Path(path).name != "__init__.py")
    assert {
        str(folder): count
        for folder, count in folders.items()
        if count > MODULES_OF_A_FOLDER and folder.name not in MAY_HOLD_MORE
    } == {}


def test_no_module_is_too_long():
    files_of_code = ALL_MODULES + SHELL_SCRIPTS
    measured = [each for each in files_of_code if not any(fnmatch(each, e) for e in MAY_BE_LONGER)]
    lines = {path: read(path).count("\n") for path in measured}
    too_long = {path for path, count in lines.items() if count > LINES_OF_A_MODULE}
    assert too_long - STILL_TOO_LONG == set()


def test_functions_are_short():
    lines = {
        f"{path}:{function.lineno}": function.end_lineno - function.body[0].lineno + 1
        for path in ALL_MODULES
        for function in ast.walk(ast.parse(read(path)))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {place: count for place, count in lines.items() if count > LONGEST} == {}
    assert median(lines.values()) <= MEDIAN
    assert quantiles(lines.values(), n=10)[-1] <= NINE_IN_TEN


def test_the_demo_model_needs_nothing_but_the_standard_library():
    """It is started by the Python that is there, before anything is installed."""
    imported = set()
    for path in files("scripts/demo_openai/*.py"):
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    assert imported - sys.stdlib_module_names == {"scripts"}


def test_every_package_says_what_it_is_for():
    silent = [path for path in PACKAGES if not ast.get_docstring(ast.parse(read(path)))]
    assert silent == []


def test_the_readme_names_files_that_are_there():
    named = re.findall(
        r"`((?:apps|scripts|site_config|tests|static)/[\w/.@-]+)`", read("README.md")
    )
    assert [path for path in named if not (ROOT / path).exists()] == []
    packages = {path.split("/")[1] for path in files("apps/*/__init__.py")}
    assert packages == {path.split("/")[1] for path in named if path.startswith("apps/")}
