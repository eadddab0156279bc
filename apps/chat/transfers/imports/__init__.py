"""Reading conversations from the archives of other programs. The door is `services`."""
