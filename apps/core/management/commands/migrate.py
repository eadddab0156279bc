"""Django's command, but each migration is done whole or not at all."""

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations import executor
from django.db.transaction import atomic


class MigrationExecutor(executor.MigrationExecutor):
    """Notes that a migration is done in the transaction that does it.

    Django does so after it, as a rule: who is killed in between has tables that the next run tries
    to make once more.
    """

    def apply_migration(self, state: Any, migration: Any, *args: Any, **options: Any) -> Any:
        if not (migration.atomic and self.connection.features.can_rollback_ddl):
            return super().apply_migration(state, migration, *args, **options)
        # SQLite cannot switch these checks off within a transaction.
        with self.connection.constraint_checks_disabled(), atomic(self.connection.alias):
            return super().apply_migration(state, migration, *args, **options)


# The command has no other place for it.
migrate.MigrationExecutor = MigrationExecutor  # type: ignore[attr-defined]


class Command(migrate.Command):
    pass
