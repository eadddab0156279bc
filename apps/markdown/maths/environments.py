"""Environments of TeX as those that the converter knows."""

import re
from collections.abc import Callable

from apps.markdown.maths.tokens import Reader, TexError, splits_at_top

_BARE = re.compile(r"equation|displaymath|math|subequations|document|center|boxed|empheq")
_ALIGNED = re.compile(r"align|aligned|split|flalign|x?x?alignat|alignedat")
_GATHERED = re.compile(r"gather|gathered|multline|multlined")
_CASES = re.compile(r"cases|dcases|rcases|drcases|numcases")
_ARRAYS = re.compile(r"array|tabular|darray|tabularx|longtable|subarray")
_MATRIX = re.compile(r"(small)?([bBpvV]?)(small)?matrix")
_FENCES = {
    "": ("", ""),
    "b": (r"\left[", r"\right]"),
    "B": (r"\left\{", r"\right\}"),
    "p": (r"\left(", r"\right)"),
    "v": (r"\left|", r"\right|"),
    "V": (r"\left\|", r"\right\|"),
}
_RULE = re.compile(r"\\(?:toprule|midrule|bottomrule)(?![A-Za-z])")
_LAST_BREAK = re.compile(r"(?:\\\\\s*)+\Z")
_MOST_COLUMNS = 60

Rewrite = Callable[[str], str]


def write_environment(reader: Reader, rewrite: Rewrite) -> str:
    """Read an environment, of which `\\begin` is read already; return TeX for it."""
    full_name = reader.argument().strip()
    name = full_name.rstrip("*")
    body = Reader(reader.body(full_name))
    if _BARE.fullmatch(name):
        return rewrite(body.until())
    if _ALIGNED.fullmatch(name):
        body.optional()
        if name.endswith("at"):
            body.argument()
        return _environment("aligned", rewrite(body.until()))
    if _GATHERED.fullmatch(name):
        body.optional()
        return _environment("gathered", rewrite(body.until()))
    if name == "eqnarray":
        return rf"\displaystyle{_environment('array', rewrite(body.until()), 'rcl')}"
    if matrix := _MATRIX.fullmatch(name):
        return _matrix(matrix, body, rewrite)
    return _cases(name, body, rewrite) or _array(name, body, rewrite)


def with_lines(source: str) -> str:
    """Put a formula into rows if it has line breaks of its own."""
    source = _LAST_BREAK.sub("", source.strip())
    if not splits_at_top(source, (r"\\",)):
        return source
    return _environment("aligned" if splits_at_top(source, ("&",)) else "gathered", source)


def _environment(name: str, body: str, columns: str = "") -> str:
    body = _LAST_BREAK.sub("", body.strip())
    argument = f"{{{columns}}}" if columns else ""
    return rf"{{\begin{{{name}}}{argument} {body} \end{{{name}}}}}"


def _matrix(name: re.Match[str], body: Reader, rewrite: Rewrite) -> str:
    column = body.optional("c").strip() or "c"
    is_small = name[1] or name[3]
    rows = rewrite(_RULE.sub(r"\\hline ", body.until()))
    columns = (column[-1] if column[-1] in "lcr" else "c") * _MOST_COLUMNS
    left, right = _FENCES[name[2]]
    return f"{{{left}{_environment('subarray' if is_small else 'array', rows, columns)}{right}}}"


def _cases(name: str, body: Reader, rewrite: Rewrite) -> str:
    if not _CASES.fullmatch(name):
        return ""
    if name == "numcases":
        return rewrite(body.argument()) + _environment("cases", rewrite(body.until()))
    name = {"drcases": "rcases"}.get(name, name)
    return _environment(name, rewrite(body.until()))


def _array(name: str, body: Reader, rewrite: Rewrite) -> str:
    if not _ARRAYS.fullmatch(name):
        raise TexError(f"an environment that is not known: {name}")
    body.optional()
    if name == "tabularx":
        body.argument()
    columns = _columns(body.argument())
    rows = rewrite(_RULE.sub(r"\\hline ", body.until()))
    return _environment("subarray" if name == "subarray" else "array", rows, columns)


def _columns(source: str) -> str:
    """Return the columns of an array as the converter knows them: `l`, `c`, `r`, `|` and `:`."""
    reader, found = Reader(source), ""
    while reader and len(found) < _MOST_COLUMNS:
        part = reader.next()
        if part == "*":
            count = reader.argument().strip()
            repeated = _columns(reader.argument())
            found += repeated * min(int(count) if count.isdecimal() else 1, _MOST_COLUMNS)
        elif part in ("@", "!", ">", "<"):
            reader.argument()
        elif part in ("p", "m", "b", "w", "X", "L"):
            found += "l"
            reader.arguments()
        elif part in ("l", "c", "r", "|", ":"):
            found += part
        elif part in ("R", "C", "S"):
            found += part.lower().replace("s", "r")
    return found[:_MOST_COLUMNS] or "c"
