"""Work that no request waits for.

`runner` runs jobs on rows, one JobKind per kind of row, and tells what happens to each on a bad day;
`scheduler` runs what comes round. `queue` hands jobs to threads of this process or to Celery's
workers, which know tasks by the names in `registry`.
"""
