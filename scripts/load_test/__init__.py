"""What benchmark.py and soak.py share: a server of their own, its people, and requests to it."""
