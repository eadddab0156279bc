"""The cache, and Redis where REDIS_URL names one.

`redis_client` is the only module that talks to it.
"""
