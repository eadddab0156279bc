"""Messages that name the ones they follow, in an order in which none comes before its parent."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

Nodes = Mapping[str, dict[str, Any]]


def from_the_roots(
    nodes: Nodes,
    parent_of: Callable[[dict[str, Any]], str],
    time_of: Callable[[dict[str, Any]], datetime | None],
) -> Iterator[tuple[str, str]]:
    """Yield each node and its parent ("" for none), by time, but no node before its parent.

    Nodes that follow each other in a circle never come.
    """
    children: dict[str, list[str]] = {}
    for name, node in nodes.items():
        parent = parent_of(node)
        children.setdefault(parent if parent in nodes else "", []).append(name)
    waiting = [(0.0, number, name, "") for number, name in enumerate(children.get("", []))]
    number = len(waiting)
    while waiting:
        _, _, name, parent = heapq.heappop(waiting)
        yield name, parent
        for child in children.get(name, []):
            number += 1
            time = time_of(nodes[child])
            moment = time.timestamp() if time else 0.0
            heapq.heappush(waiting, (moment, number, child, name))
