from apps.users.admin import users  # noqa: F401  # Django looks for the admin's classes here.
