"""The text of replies on its way to open pages, within a process and between several.

The door is `follow`.
"""
