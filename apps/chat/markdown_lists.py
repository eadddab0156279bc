"""The numbers of lists: an item shows what the model wrote, whatever stands before it."""

from markdown_it.token import Token


def number_items(tokens: list[Token]) -> None:
    """Give an item its number where counting on from the item before comes to another.

    A list whose numbers are all the same is one that its writer leaves to be counted.
    """
    lists: list[list[Token]] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            lists.append([])
        elif token.type == "list_item_open" and token.info:
            lists[-1].append(token)
        elif token.type == "ordered_list_close":
            _number(lists.pop())


def _number(items: list[Token]) -> None:
    numbers = [int(item.info) for item in items]
    if len(set(numbers)) == 1:
        return
    expected = numbers[0]
    for item, number in zip(items, numbers, strict=True):
        if number != expected:
            item.attrs["value"] = number
        expected = number + 1
