"""Conversations as text, JSON or PDF, and a whole account as an archive: one module for each."""
