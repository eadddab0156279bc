"""A reply from its place in the queue to its last word.

`queue` takes it, `writer` writes it, `recovery` ends what was abandoned.
"""
