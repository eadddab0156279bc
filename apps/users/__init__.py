"""People: accounts, log-in, preferences, invitations, announcements.

Other apps use `models` and `http`.
"""
