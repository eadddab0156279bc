"""A database backend: Django's for SQLite, made for many threads.

Django finds `base` by its name.
"""
