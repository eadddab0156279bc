"""Reading a streamed reply, whatever shape the service gives it. The door is `parser`."""
