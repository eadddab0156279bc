"""Finish reasons: the names that services use, and which of OpenAI's each means.

A reason that is not known to mean a complete reply must not pass for one.
"""

import logging
import re

from apps.core.text import clean_name

logger = logging.getLogger(__name__)

STOP, LENGTH, FILTER, TOOL, ERROR = "stop", "length", "content_filter", "tool_calls", "error"
UNKNOWN = "early"  # Stored in rows and shown to users: the reply ended early.

_REASONS = {
    STOP: "stop eos eos_token end_turn stop_sequence stop_word stop_token end eot eot_token"
    " end_of_turn end_of_text complete completed finish finished done natural 1",
    LENGTH: "length max_tokens max_token model_length max_length max_output_tokens max_new_tokens"
    " max_completion_tokens length_limit token_limit limit output_limit context_length"
    " context_limit context_length_exceeded context_window_exceeded model_context_window_exceeded"
    " max_context_length max_prompt_tokens truncated incomplete budget budget_exceeded 2",
    FILTER: "content_filter content_filtered content_filtering filter filtered safety refusal"
    " recitation blocklist prohibited_content spii language sensitive moderation guardrail"
    " guardrails guardrail_intervened content_blocked blocked flagged policy policy_violation"
    " content_policy_violation error_toxic image_safety image_recitation"
    " image_prohibited_content image_other model_armor 3 4",
    TOOL: "tool_calls tool_call tool_use tool function_call function_calls malformed_function_call"
    " unexpected_tool_call too_many_tool_calls pause_turn",
    ERROR: "error errors failed failure fault internal_error server_error network_error"
    " insufficient_system_resource insufficient_resources timeout timed_out abort aborted"
    " cancelled canceled cancel user_cancel interrupted load_shedding overloaded"
    " malformed_response no_image",
    "": "null none not_finished unfinished in_progress unspecified finish_reason_unspecified",
}
_unknown: set[str] = set()  # Those that were logged.
_MEANINGS = {name: meaning for meaning, names in _REASONS.items() for name in names.split()}


def meaning_of(reason: str) -> str:
    """Return the constant above that a reason means, in any spelling; "" if it is no end."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason.strip().rpartition(".")[2])  # maxTokens
    name = re.sub(r"[\W_]+", "_", words).strip("_").lower().removeprefix("finish_reason_")
    return _MEANINGS.get(name, UNKNOWN) if name else ""


def log_unknown(reason: str) -> None:
    """Log the name of an unknown reason, once."""
    if reason not in _unknown and len(_unknown) < 100:
        _unknown.add(reason)
        logger.warning("an answer ended for an unknown reason: %s", clean_name(reason, 50))
