"""Databases: prepared queries, durability, timeouts, backups, rows in the trash."""
