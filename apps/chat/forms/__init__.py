"""The forms of chat: a message, the options of a conversation, tags, imports."""
