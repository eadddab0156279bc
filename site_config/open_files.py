"""The limit of open files: what a shell gives is for a few programs, not for thousands of pages."""

import resource

MOST = 65_536  # As in scripts/deploy/parlor.service.


def raise_limit() -> None:
    """Raise the soft limit of this process, and of those it starts, as far as the hard one lets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
