"""The models that the AI service offers.

`catalog` says which of them people may choose; `listing` keeps the service's own list up to date.
"""
