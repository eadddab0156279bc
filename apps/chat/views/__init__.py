"""The pages of chat and their forms: one module for each kind of page.

The door is `apps.chat.urls`.
"""
