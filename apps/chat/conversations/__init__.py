"""What people do with conversations.

`services` asks and stops; the others list, organize, fork, share and delete.
"""
