"""XML in pieces: whole tags only, and an expat that gives up quietly on what is no XML."""

from collections.abc import Callable, Iterable, Iterator
from pyexpat import ExpatError
from xml.parsers import expat

_LONGEST_TAG = 4 << 20

Start = Callable[[str, dict[str, str]], None]


def whole_tags(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes cut anew so that no tag is split; ends early at a tag or text longer than 4 MB."""
    rest = iter(pieces)
    tail = b""
    for piece in rest:
        text = tail + piece
        cut = text.rfind(b"<")
        if cut > 0:
            yield text[:cut]
            tail = text[cut:]
        else:
            tail = text
        if len(tail) > _LONGEST_TAG:
            # Read on all the same, so that the checksum is compared.
            for _ in rest:
                pass
            return
    if tail:
        yield tail


def parse(parser: expat.XMLParserType, pieces: Iterable[bytes]) -> bool:
    """Feed a parser to the end, and tell whether all was XML; what was seen before it stopped being XML stands."""
    rest = iter(pieces)
    try:
        for piece in whole_tags(rest):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (ExpatError, ValueError, LookupError):
        for _ in rest:
            pass
        return False
    return True


def parse_starts(start: Start, pieces: Iterable[bytes]) -> None:
    """Call `start` with the local name and the attributes of every element."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
    parse(parser, pieces)


def local(name: str) -> str:
    """A name without its namespace prefix."""
    return name.rpartition(":")[2]


def attribute(attributes: dict[str, str], name: str) -> str:
    """An attribute by its local name; empty if there is none."""
    return next((value for key, value in attributes.items() if local(key) == name), "")


def number(text: str | None, default: int) -> int:
    """A whole number of at most ten digits, else the default."""
    return int(text) if text and len(text) <= 10 and text.isascii() and text.isdigit() else default
