"""Bytes to and from the service, on connections that can be closed at any moment.

The door is `http`.
"""
