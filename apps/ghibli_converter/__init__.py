"""Pictures: made from words, or photos redrawn in a style, and their gallery.

The door is `services`.
"""
