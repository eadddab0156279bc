"""Work that no request waits for.

`runner` runs jobs on rows, one JobKind per kind of row; a table says what happens on a bad day.
`scheduler` runs periodic tasks. `queue` hands jobs to threads of this process or to Celery's
workers, which know tasks by the names in `registry`.
"""
