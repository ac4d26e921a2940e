"""The addresses that one cell holds, however they are put together: by a separator, in words, in markup, as JSON.

An address begins where `http://` or `https://` stands, unless it is part of the one before it: a picture behind a proxy
(`/fetch/https://…`) or in a query (`?u=https://…`) is one address.
"""

import ast
import json
import re
import warnings
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from importer.addresses import PICTURE_ENDINGS


class Found(NamedTuple):
    """One address of a cell, with the alt text that stands beside it there."""

    address: str
    description: str = ""


_NO_PICTURE = frozenset((
    "n/a", "na", "nan", "none", "null", "nil", "-", "--", "no_selection", "no image", "#n/a", "a:0:{}",
))  # fmt: skip
_EMPTY = re.compile(r"[\s\[\]{}()\"',;|]*")
_AROUND = " \t\r\n\xa0\u3000,;|\uff0c\u3001\uff1b\uff5c"
_QUOTES = "\"'<>"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_START = re.compile(
    r"https?:[/\\]+|(?:^|(?<=[\s,;|\uff0c\u3001\uff1b\uff5c\"'<>\[(]))(?:(?:[a-z][a-z0-9+.-]{1,9}[:;.]{0,2}|:)?//(?=[\w\[])|www\.(?=\w))",
    re.IGNORECASE,
)
"""Where an address begins: by its scheme, by one that is mistyped, or without one, where nothing stands before it."""
_ENDING = re.compile(rf"\.(?:{PICTURE_ENDINGS})(?![a-z0-9])", re.IGNORECASE)
_PATH = re.compile(rf"[^\n]+\.(?:{PICTURE_ENDINGS})(?:\?\S*)?", re.IGNORECASE)
_PATH_SEPARATORS = r"[,;|\n\uff0c\u3001\uff1b\uff5c]|<br\s*/?>|\\n|&&"
_GROUP = re.compile(r"\([^()]*\)")
_SEPARATED = re.compile(
    r"(?:[\s,;|\\\uff0c\u3001\uff1b\uff5c>\"'\])}&#]|///|\\[nrt]|%0[AD]|%2C|%3B|%7C)[\"'<\[({]*$", re.IGNORECASE
)
"""What ends in a separator, where another address begins behind it."""
_INSIDE = re.compile(
    r"\?(?:\S*[?&;])?[^\s=&?;]*=|\?|[^\s,;|<>\"&#\uff0c\u3001\uff1b\uff5c]*/[^\s/]*\w[^\s/]*/", re.IGNORECASE
)
"""What stands between a picture's ending and an address that is part of the same one: a parameter's name, a folder."""
_FURTHER = re.compile(r"[?/:]\w")
"""How an address goes on behind a picture's ending: `?v=1`, `/v1/fill`, `:large`."""
_MARK = re.compile(r"(?:<[^<>]{0,20}>|/{3,}|\\[nrt]|%0[AD]|%2C|%3B|%7C)$", re.IGNORECASE)
"""A separator of several characters at the end of a part."""
_LINE_END = re.compile(r"(?:<br\s?/?>|\\[nrt])$", re.IGNORECASE)
_FOREIGN = re.compile(r"[\s<>\"\uff0c\u3001\uff1b\uff5c]|\\[nrt|]")
_CONNECTING = frozenset((
    "and", "und", "et", "y", "e", "i", "og", "och", "en", "ja", "a", "и", "or", "oder", "ou", "o", "&", "+", "/", "//",
    "-", "--", "\u2013", "\u2014", "*", "•", "·", ":", "=", "=>", "->", "\\",
))  # fmt: skip
_LABEL = re.compile(r"(?!\s*(?:blob|data|file|filesystem):)[^/\\?]{0,60}[^\w/\\?]|[^\w\\]{1,9}", re.IGNORECASE)
"""What may stand before an address and is none: a number, a name with a colon, the beginning of some markup."""
_BBCODE = re.compile(r"\[/?(?:img|url)\b[^\]\s]*\]", re.IGNORECASE)
_MARKDOWN = re.compile(r"(!?)\[([^\[\]]*)\]\(\s*<?((?:[^()\s<>]|\([^()\s]*\))+)>?(?:\s+[^()]*)?\)")
_TAG = re.compile(r"<(a|img)\b([^<>]*)>|</(a)\s*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_IMAGE_SOURCES = ("data-src", "data-original", "data-lazy-src", "src", "data-srcset", "srcset")
_SIZE = r"\s+\d+(?:\.\d+)?[wx]"
_SIZES = re.compile(rf"\S+{_SIZE}(?:\s*,\s*\S+{_SIZE})*\s*,?")
"""The addresses of one picture in several sizes, as HTML's `srcset` lists them."""
_NAMED = re.compile(r"\s*[^/]{0,200}?\((https?://(?:[^\s()]|\([^\s()]*\))+)\)\s*(?:[,;\n]|$)", re.IGNORECASE)
"""A file's name with its address in brackets, as Airtable exports attachments."""
_INLINE_ALT = re.compile(r"\s!\s*alt\s*:\s*([^!]*)", re.IGNORECASE)
_INLINE = re.compile(r"\s!\s*(?:alt|title|desc|caption)\s*:.*", re.IGNORECASE | re.DOTALL)
_ADDRESS_KEYS = ("src", "url", "imageurl", "imagesrc", "originalsrc", "image", "href", "link", "original", "path")
_ALT_KEYS = ("alt", "alttext", "imagealt", "description", "caption", "label", "title")
_SIZE_KEYS = (
    "urlzoom", "zoom", "xxl", "full", "fullsize", "xlarge", "xl", "large", "big", "urlstandard", "standard", "medium",
    "small", "urlthumbnail", "urltiny", "thumbnail", "thumb", "tiny",
)  # fmt: skip
"""What the sizes of one picture are called, the largest first."""
_LOOKED_BACK = 2_000
"""Characters before an address that tell whether it is a new one; a cell may be made to keep us busy."""
_LONGEST_LITERAL = 100_000


def names_no_picture(text: str) -> bool:
    """Whether a cell is empty or holds a word for nothing, such as `no_selection` or `[]`."""
    return not text or text.casefold() in _NO_PICTURE or _EMPTY.fullmatch(text) is not None


def found_in(text: str, separator: str = "") -> list[Found]:
    """The pictures that one cell names, in order.

    Args:
        text: the cell's text.
        separator: a pattern between items that are no whole addresses; without it, only lists of pictures' file names
            are taken for lists, as a single path may hold commas.
    """
    text = text.strip(_AROUND)
    if names_no_picture(text):
        return []
    if text.startswith("="):
        return [Found(text)]  # a formula, whose address is taken out where values are read
    structured = _structured(text)
    if structured is None and "<" in text:
        structured = marked_up(text) or None
    if structured is None and "](" in text:
        structured = _markdown(text) or None
    if structured is None and "(http" in text:
        structured = _behind_names(text)
    if structured is not None:
        return structured
    if _SIZES.fullmatch(text):
        return [Found(text)]
    text = _BBCODE.sub(" ", text.replace("\\/", "/") if ":\\/" in text else text)
    found: list[Found] = []
    for part in _parts(text):
        if not _START.search(part):
            found += [Found(item) for item in map(_trimmed, _paths(part, separator)) if not names_no_picture(item)]
            continue
        alt = _INLINE_ALT.search(part)
        address = _trimmed(_INLINE.sub("", part))
        if not names_no_picture(address):
            found.append(Found(address, alt[1].strip() if alt else ""))
    return found


def addresses(text: str) -> list[str]:
    """The addresses in one cell, split only where another one begins: an address may hold commas itself."""
    return [one.address for one in found_in(text)]


def listed(text: str, separator: str) -> list[str]:
    """The items of a list in one cell; with addresses in it, only where another address begins."""
    return [one.address for one in found_in(text, separator)]


def labelled(text: str, labels: str) -> list[tuple[str, str]]:
    """Paths of a list with commas, each with the label at its place; none where commas inside make more of them."""
    paths = listed(text, ",")
    if len(paths) == 1:
        return [(paths[0], labels)]
    places = [item.strip() for item in text.split(",")] if "://" not in text else paths
    words = [label.strip() for label in labels.split(",")]
    if len(words) > len(places):
        return [(path, "") for path in paths]
    return [(path, word) for path, word in zip_longest(places, words, fillvalue="") if not names_no_picture(path)]


def largest(text: str) -> str:
    """The address of the largest size in a `srcset`; any other text as it is."""
    if not _SIZES.fullmatch(text):
        return text
    sizes = list(re.finditer(r"([^\s,]\S*)\s+(\d+(?:\.\d+)?)[wx]", text))
    return max(sizes, key=lambda one: float(one[2]))[1]


def marked_up(markup: str) -> list[Found]:
    """The pictures that HTML shows or leads to: of a small picture that leads to a large one, the large one.

    Source: HTML Living Standard, `img` and `a`. What a script loads later stands in `data-src`, and the like.
    """
    shown: list[Found] = []
    linked: list[Found] = []
    target = ""
    for tag in _TAG.finditer(markup):
        attributes = {one[1].casefold(): one[2] or one[3] or one[4] or "" for one in _ATTRIBUTE.finditer(tag[2] or "")}
        if tag[3]:
            target = ""
        elif tag[1].casefold() == "a":
            target = attributes.get("href", "").strip()
            if _START.match(target) or _ENDING.search(target):
                linked.append(Found(target))
        else:
            sources = (largest(attributes.get(name, "").strip()) for name in _IMAGE_SOURCES)
            source = next((text for text in sources if text and not text.startswith("data:")), "")
            if target and _ENDING.search(target):
                source = target
            if source:
                shown.append(Found(source, attributes.get("alt", "").strip()))
    return shown or linked


def _markdown(text: str) -> list[Found]:
    found = list(_MARKDOWN.finditer(text))
    images = [Found(one[3], one[2].strip()) for one in found if one[1]]
    return images or [Found(one[3]) for one in found]


def _behind_names(text: str) -> list[Found] | None:
    """The addresses of a list of names with addresses in brackets; None where it is any other text."""
    found: list[Found] = []
    at = 0
    while at < len(text):
        one = _NAMED.match(text, at)
        if one is None:
            return None
        found.append(Found(one[1]))
        at = one.end()
    return found


def _structured(text: str) -> list[Found] | None:
    """The addresses in JSON, as PHP or JavaScript write it, or in a list of Python's; None where it is neither."""
    if not (text[0] in "[{" and text[-1] in "]}") or len(text) > _LONGEST_LITERAL:
        return None
    text = text.replace("\\/", "/")
    try:
        return list(_walked(json.loads(text)))
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on backslashes is not for the person
            return list(_walked(ast.literal_eval(text)))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _walked(value: object) -> Iterator[Found]:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value).strip()
        if not names_no_picture(text):
            yield Found(text)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _walked(item)
    elif isinstance(value, dict):
        texts = {re.sub(r"[^a-z]", "", str(name).casefold()): item for name, item in value.items()}
        address = _first(texts, _ADDRESS_KEYS)
        if address:
            yield Found(address, _first(texts, _ALT_KEYS))
            return
        pictures = {name for name, item in texts.items() if isinstance(item, str) and _START.match(item)}
        if pictures and pictures.issubset(_SIZE_KEYS):
            yield Found(_first(texts, _SIZE_KEYS), _first(texts, _ALT_KEYS))
            return
        for item in value.values():
            if not isinstance(item, str) or _START.match(item) or _ENDING.search(item):
                yield from _walked(item)


def _first(texts: dict[str, object], names: tuple[str, ...]) -> str:
    return next((text.strip() for name in names if isinstance(text := texts.get(name), str) and text.strip()), "")


def _paths(text: str, separator: str) -> list[str]:
    """The items of a text without a whole address."""
    items = re.split(separator or _PATH_SEPARATORS, text)
    items = [item for item in items if item.strip()]
    return items if separator or all(_PATH.fullmatch(item.strip()) for item in items) else [text]


def _parts(text: str) -> list[str]:
    """The text cut before each further address, without what stands between them."""
    starts = [found.start() for found in _START.finditer(text)]
    if not starts:
        return [text]
    first, *rest = starts
    before = text[:first]
    parts: list[str] = []
    begin = 0
    if not before or _LABEL.fullmatch(before):
        begin = first
        if _ENDING.search(before):
            parts.append(before)
    elif _SEPARATED.search(before):
        parts.append(before)
        begin = first
    for start in rest:
        if start > begin and _ends(text[max(begin, start - _LOOKED_BACK) : start]):
            parts.append(_without_tail(text[begin:start]))
            begin = start
    return [*parts, text[begin:]]


def _ends(part: str) -> bool:
    """Whether an address ends with this part, so that what begins behind it is another one."""
    if _SEPARATED.search(part):
        return True
    plain = _GROUP.sub("", part)
    ending = _last_ending(plain)
    return ending >= 0 and not _INSIDE.fullmatch(plain, ending)


def _last_ending(text: str) -> int:
    """Where the last picture's ending ends; -1 where there is none."""
    return max((found.end() for found in _ENDING.finditer(text)), default=-1)


def _without_tail(part: str) -> str:
    """An address that another one follows, without what stands between the two."""
    if _INLINE.search(part):
        return part
    ending = _last_ending(part)
    if ending >= 0:
        if not _FURTHER.match(part, ending):
            return part[:ending]
        foreign = _FOREIGN.search(part, ending)
        if foreign:
            return part[: foreign.start()]
        return re.sub(r"(?:%0[AD]|%2C|%3B|%7C)+$", "", part, flags=re.IGNORECASE).rstrip(_AROUND + "&/#\\+*-[({")
    return _without_connecting(part)


def _without_connecting(part: str) -> str:
    """An address of any kind without separators, tags and connecting words behind it."""
    while True:
        shorter = part.rstrip(_AROUND)
        if mark := _MARK.search(shorter):
            shorter = shorter[: mark.start()]
        shorter = shorter.rstrip(_AROUND)
        if not shorter.endswith(">"):
            shorter = shorter.rstrip(_QUOTES + "[({&#\\")
        head, space, last = shorter.rpartition(" ")
        if space and last.casefold() in _CONNECTING:
            shorter = head
        if shorter == part:
            return part.rstrip(_AROUND + _QUOTES)
        part = shorter


def _trimmed(part: str) -> str:
    """An item without what parts it from others; a closing bracket that was opened inside belongs to the address."""
    around = _AROUND + _QUOTES
    part = part.strip(_AROUND)
    while mark := _LINE_END.search(part[-6:]):
        part = part[: len(part) - len(mark[0])]
    part = part.strip(around)
    head, space, last = part.rpartition(" ")
    if space and last.casefold() in _NO_PICTURE:
        part = head.rstrip(around)
    part = part.lstrip("[({")
    while part and part[-1] in _BRACKETS and part.count(part[-1]) > part.count(_BRACKETS[part[-1]]):
        part = part[:-1].rstrip(around)
    return part
