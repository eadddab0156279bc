"""What migrations need, and pages must not have."""

import logging

from django.apps import apps
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger("parlor.migrations")


def lift_time_limit(using: str, **kwargs: object) -> None:
    """Let statements take the time that a large table needs; how long they wait stays limited."""
    _execute(using, "SET statement_timeout = 0")


def restore_time_limit(using: str, **kwargs: object) -> None:
    _execute(using, "RESET statement_timeout")


def _execute(using: str, statement: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(statement)


def compare_schema() -> None:
    """Log if the schema is not that of this code: newer during a rolling upgrade, or older."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:  # Away, or without tables yet; `/readyz/` tells.
        return
    if newer := _unknown_migrations(executor):
        logger.warning("The database was migrated by a newer Parlor, up to %s.%s", *newer[-1])
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        logger.error(
            "The database is older than this Parlor, which has %d more migrations", len(plan)
        )


def _unknown_migrations(executor: MigrationExecutor) -> list[tuple[str, str]]:
    """Return the applied migrations of our apps that this code does not have."""
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
    disk = executor.loader.disk_migrations
    known = {*disk, *(name for migration in disk.values() for name in migration.replaces)}
    return [
        key for key in executor.loader.applied_migrations if key[0] in ours and key not in known
    ]
