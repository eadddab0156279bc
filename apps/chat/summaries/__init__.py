"""What a model writes about a conversation: summaries of what it has no room for, and titles.

Pages use `services`; `job` and `titles` begin when a reply has ended.
"""
