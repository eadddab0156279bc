from tests.chat.conftest import (  # noqa: F401
    _database_for_threads,
    bob,
    bob_client,
    media,
    new_pool,
    transactional_db,
)
