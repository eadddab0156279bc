"""Conversations with a model: pages, replies, files, searches, transfers, limits.

Each package imports only what stands below it, as pyproject.toml lists them.
"""
