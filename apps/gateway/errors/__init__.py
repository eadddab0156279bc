"""What went wrong, from the many ways in which services say so. The door is `translation`."""
