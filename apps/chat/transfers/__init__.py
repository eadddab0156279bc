"""Exports and imports.

`job` runs those that take long; pages make short ones by `exports` at once.
"""
