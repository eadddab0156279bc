from apps.chat.admin import conversations, usage  # noqa: F401  # Django looks for classes here.
