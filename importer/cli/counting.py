"""Numbers of things in sentences."""


def counted(number: int, noun: str) -> str:
    """The number and its noun, as in "1 picture" and "2,000 pictures"; for nouns that take an s."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
