"""Markdown as safe HTML, whole or while it grows. The door is `stream`."""
