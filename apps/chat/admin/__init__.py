"""Chat in Django's admin: conversations with their messages, usage and limits."""

from apps.chat.admin import conversations, usage  # noqa: F401  # Django looks for classes here.
