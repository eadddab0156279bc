"""In-band errors: those with status 200, as an event of the stream or in place of it."""

from typing import Any

_MESSAGES = (
    "message",
    "detail",
    "msg",
    "status_msg",
    "error_msg",
    "error_message",
    "errors",
    "title",
)
_CODES = ("code", "status", "status_code", "statusCode", "error_code")


def error_in(chunk: object, event: str = "", is_body: bool = False) -> object:
    """Return the error that an event, or a whole body, holds, for classify(); None without one."""
    if isinstance(chunk, list):
        found = (error_in(each, "", is_body) for each in chunk[:1] if isinstance(each, dict))
        return next(found, None)
    if not isinstance(chunk, dict):
        return None
    error = chunk.get("error")
    if error is None and isinstance(groq := chunk.get("x_groq"), dict):
        error = groq.get("error")
    if isinstance(error, dict) or (error and not isinstance(error, bool)):
        return _with_code(error, chunk)
    result = chunk.get("base_resp")  # MiniMax's; 0 means success.
    if isinstance(result, dict) and result.get("status_code"):
        return _with_code(result, result)
    is_named = event == "error" or chunk.get("type") == "error" or chunk.get("object") == "error"
    is_unnamed = not chunk.get("choices") and _looks_like_error(chunk, is_body)
    if is_named or error is True or is_unnamed:
        return _with_code(chunk, chunk)
    return None


def _looks_like_error(chunk: dict[str, Any], is_body: bool) -> bool:
    """Return whether the fields are those of an error that is not named as one."""
    if isinstance(chunk.get("message"), dict):
        return False
    has_message = any(chunk.get(name) for name in _MESSAGES)
    failed = chunk.get("success") is False or any(_is_error(chunk.get(name)) for name in _CODES)
    return has_message and (failed or (is_body and "choices" not in chunk))


def _is_error(code: object) -> bool:
    number = str(code)
    return number.isdecimal() and len(number) == 3 and number[0] in "45"


def _with_code(error: object, chunk: dict[str, Any]) -> object:
    """Return the error with its number in `code`, whichever field held it."""
    if not isinstance(error, dict):
        error = {"message": error}
    fields = [error, chunk] if error is not chunk else [chunk]
    words = next((each[n] for each in fields for n in _MESSAGES if each.get(n)), None)
    codes = [each[name] for each in fields for name in _CODES if each.get(name)]
    number = next((code for code in codes if _is_error(code)), None)
    code = error.get("code") or number or next(iter(codes), None)
    return {**error, "code": code, "message": words if words is not None else error.get("error")}
