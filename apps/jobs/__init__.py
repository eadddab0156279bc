"""Work that no request waits for.

`engine` takes tasks, for threads of this process or for Celery's workers; `leases` tell whose work
a row is.
"""
