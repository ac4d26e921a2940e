"""Which encoding a text file is in: byte order marks and UTF-8 are certain, the rest is chardet's word, held to sense.

chardet is told only the words with bytes beyond ASCII, so that a thousand plain rows do not drown three accents. For a
handful of such words its statistics are thin; then the encoding wins under which the words look like words: no capital
or symbol inside a lower-case word, no two alphabets in one.
"""

import codecs
import re
import unicodedata
from pathlib import Path

import chardet

_BLOCK_BYTES = 1 << 20
_WORD_BYTES = 60_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SINGLE_BYTE = ("cp1252", "cp1251", "mac-roman", "cp1250")
"""In the order of how often spreadsheets are in them; Latin-1 is the part of cp1252 without its bytes 0x80 to 0x9F."""
_MULTI_BYTE = ("shift_jis", "gb18030", "big5", "euc-jp", "euc-kr", "koi8-r")
_HARDLY_TEXT = 0.1
_DAMAGED = 0.1
_ENOUGH = 8
"""Bytes beyond ASCII from which statistics say more than the order of `_SINGLE_BYTE`."""
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_WORD = re.compile(rb"(?<![^\s,;|\"<>/])[^\s,;|\"<>/\x80-\xff]*+[\x80-\xff][^\s,;|\"<>/]*")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_BINARY = 0.02
_FEWEST_PAIRS = 4
_FEW_ZEROS = 0.03
_ONE_SIDED = 10


def byte_order_mark(head: bytes) -> str:
    """The encoding that the first bytes name, or an empty text."""
    return next((name for mark, name in _BOMS if head.startswith(mark)), "")


def is_binary(head: bytes) -> bool:
    """Whether these first bytes are no text at all: too many control characters, and not UTF-16's zeros."""
    if byte_order_mark(head) or _utf16(head):
        return False
    return len(_BINARY.findall(head)) > 2 + _MOST_BINARY * len(head)


def detect(path: Path, head: bytes) -> str:
    """The encoding of a text file as Python names it.

    Args:
        path: the file.
        head: its first bytes, a few ten thousand.
    """
    certain = byte_order_mark(head) or _utf16(head)
    if certain:
        return certain
    words, size = bytearray(), 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = True
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            size += len(block)
            if utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    utf8 = False
            if not block.isascii() and len(words) < _WORD_BYTES:
                words += b" ".join(_WORD.findall(block)) + b" "
            if not utf8 and len(words) >= _WORD_BYTES:
                break
    if utf8 and _complete(decoder):
        return "utf-8"
    return _legacy(bytes(words[:_WORD_BYTES]))


def _complete(decoder: codecs.IncrementalDecoder) -> bool:
    """Whether the file does not end in the middle of a character."""
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16(head: bytes) -> str:
    """UTF-16 without a mark: zeros on one side only, be it no more than those of delimiters and line ends."""
    pairs = len(head) // 2
    if pairs < _FEWEST_PAIRS:
        return ""
    first, second = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if second > _FEW_ZEROS * pairs and first < second / _ONE_SIDED:
        return "utf-16-le"
    return "utf-16-be" if first > _FEW_ZEROS * pairs and second < first / _ONE_SIDED else ""


def _legacy(words: bytes) -> str:
    text = words.decode("utf-8", "replace")
    beyond = sum(not character.isascii() for character in text)
    if text.count("\N{REPLACEMENT CHARACTER}") <= _DAMAGED * beyond:
        return "utf-8"  # a few damaged characters in a file that is otherwise sound
    found = chardet.detect(words, include_encodings=(*_SINGLE_BYTE, *_MULTI_BYTE))
    heard = codecs.lookup(found["encoding"] or _SINGLE_BYTE[0]).name
    bytes_beyond = len(words) - len(words.translate(None, _BEYOND_ASCII))
    nonsense = {name: _nonsense(words, name) for name in _SINGLE_BYTE}
    best = min(
        _SINGLE_BYTE,
        key=lambda name: (
            nonsense[name],
            name == _SINGLE_BYTE[-1],  # what makes sense in Western Europe as well is hardly from the East
            bytes_beyond >= _ENOUGH and codecs.lookup(name).name != heard,
        ),
    )
    multi_byte = heard not in {codecs.lookup(name).name for name in _SINGLE_BYTE}
    return heard if multi_byte and nonsense[best] > _HARDLY_TEXT * bytes_beyond else best


def _nonsense(words: bytes, encoding: str) -> int:
    """How many characters of the words make no sense where they stand."""
    text = words.decode(encoding, "replace")
    count = text.count("\N{REPLACEMENT CHARACTER}")
    for before, here, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if here.isascii():
            continue
        inside = before.isalpha() and after.isalpha()
        if here.isalpha():
            count += here.isupper() and (before.islower() or (inside and after.islower()))
            count += before.isalpha() and _alphabet(before) != _alphabet(here)
            count += after.isalpha() and after.isascii() and _alphabet(here) != "LATIN"
            # No language of the Latin alphabet has accent upon accent; Cyrillic read as Latin has nothing else.
            crowded = inside and not before.isascii() and not after.isascii()
            count += crowded and _alphabet(here) == "LATIN"
        elif unicodedata.category(here) in {"Sm", "So", "Sk", "Sc", "Po", "No", "Lm", "Cc"}:
            count += inside or after.islower() or unicodedata.category(here) in {"Sk", "Cc"}
        elif unicodedata.category(here) == "Pd":
            count += before.islower() and after.islower()
    return count


def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
