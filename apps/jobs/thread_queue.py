"""The queue of one process: what is submitted waits and runs in threads of it."""

from apps.jobs import thread_pool
from apps.jobs.registry import Job, Lane, Unavailable

_pools = {
    Lane.REPLIES: thread_pool.pool,
    Lane.CHORES: thread_pool.side_pool,
    Lane.TRANSFERS: thread_pool.transfer_pool,
}


class ThreadQueue:
    is_local = True  # Whether what is submitted waits in this process, whose leases say so.
    restarts = False  # Whether another process begins afresh what one has left unfinished.

    def submit(self, job: Job) -> None:
        """Queue the job. Raise QueueFull or Unavailable."""
        try:
            _pools[job.lane]().submit(job.owner, job.task, *job.args)
        except thread_pool.PoolClosed as error:
            raise Unavailable from error

    def has_waiting(self, lane: Lane) -> bool:
        """Return whether jobs wait for a worker that other processes have handed out."""
        return False

    def drain(self, lane: Lane, seconds: float) -> None:
        """Begin nothing more, and give what runs in this process some time to end."""
        _pools[lane]().drain(seconds)

    def is_open(self, lane: Lane) -> bool:
        return _pools[lane]().is_open

    def state(self) -> dict[str, str]:
        """Return what has to be `ok` for the queue to take work."""
        return {"pool": "ok" if self.is_open(Lane.REPLIES) else "closed"}

    def heartbeat(self) -> None:
        """Let others know for a while that this process works, if they hand out work to it."""
