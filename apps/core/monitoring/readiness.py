"""What /readyz/ tells: whether this process can take work, and how those do that it works with."""

from apps.core.cache import redis_client
from apps.core.files import disk_space
from apps.gateway import service_state
from apps.jobs import engine, thread_pool


def checks() -> dict[str, str]:
    """Return what has to be `ok` for this process to take work."""
    needed = {
        "database": disk_space.database_state(),
        "files": disk_space.files_state(),
        "pool": "ok" if thread_pool.pool().is_open else "closed",
    }
    if engine.is_shared():
        needed["workers"] = engine.workers_state()
    return needed


def notes() -> dict[str, str]:
    """Return what is told and no reason: without these a process works on, slower or in part."""
    told = {"service": service_state.state()}
    if redis_client.is_wanted():
        told["redis"] = redis_client.state()
    return told
