"""A demo server that speaks the OpenAI API, and misbehaves on request.

It needs nothing but the standard library. Parlor starts it when there is no key, the tests start
it for its faults (`--list-faults`; each is also a model's name, as `fault-stall`), and benchmarks
start it for its many streams at once. A client that shuts down its sending side counts as gone.
"""

from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.server import DemoServer

__all__ = ["FAULTS", "DemoServer"]
