"""Archives of ChatGPT. The door is `export`."""
