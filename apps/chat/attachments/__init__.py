"""Files that people add to their messages.

`uploads` takes them in, `services` attaches and counts them.
"""
