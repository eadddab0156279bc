"""Accounts in Django's admin, and guards of the rights that are given there."""

from apps.users.admin import users  # noqa: F401  # Django looks for the admin's classes here.
