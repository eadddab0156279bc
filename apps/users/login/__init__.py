"""What protects the log-in: guessed passwords, locked accounts, two steps, sessions that end."""
