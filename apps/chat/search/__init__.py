"""Full-text search in messages, on SQLite and PostgreSQL. The door is `services`."""
