"""How requests are served: threads, fair turns, limits, the start and stop of a process.

Nothing here knows what a page is about.
"""
