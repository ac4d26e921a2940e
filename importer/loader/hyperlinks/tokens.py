"""Formulas of the binary formats: HYPERLINK and IMAGE with a written-out address, read from their tokens.

Tokens stand in the order of a pocket calculator: the arguments, then the function ([MS-XLS] 2.5.198, [MS-XLSB]
2.5.98). IMAGE is younger than the formats, so it is the name `_xlfn.IMAGE` handed to function 255.
"""

import struct
from collections.abc import Sequence

_STRING, _SPACE = 0x17, 0x19
_NAME = (0x23, 0x43, 0x63)
_CALL = (0x22, 0x42, 0x62)
_SIZES = {0x16: 1, 0x1C: 2, 0x1D: 2, 0x1E: 3, 0x1F: 9}
_REFERENCES = (0x24, 0x44, 0x64)
_HYPERLINK, _BY_NAME = 359, 255


def address_formula(tokens: bytes, names: Sequence[str], *, wide: bool) -> str:
    """The formula with its first argument, as `=HYPERLINK("…")`; empty for every other formula.

    Args:
        tokens: the formula.
        names: the workbook's defined names, in order.
        wide: True for .xlsb, False for .xls.
    """
    try:
        return _formula(tokens, names, wide=wide)
    except (struct.error, IndexError, UnicodeDecodeError):
        return ""


def _formula(tokens: bytes, names: Sequence[str], *, wide: bool) -> str:
    at, function, arguments = 0, "", list[str | None]()
    while at < len(tokens):
        token = tokens[at]
        if token == _STRING:
            text, at = _string(tokens, at + 1, wide=wide)
            arguments.append(text)
        elif token in _NAME and not arguments and not function:
            (index,) = struct.unpack_from("<I", tokens, at + 1)
            function = names[index - 1].upper().removeprefix("_XLFN.") if 0 < index <= len(names) else "?"
            at += 5
        elif token == _SPACE:
            at += 4
        elif token in _CALL:
            count, number = struct.unpack_from("<BH", tokens, at + 1)
            if at + 4 != len(tokens) or (count & 0x7F) != len(arguments) + bool(function) or not arguments:
                return ""
            if (number & 0x7FFF) == _HYPERLINK and not function:
                function = "HYPERLINK"
            elif (number & 0x7FFF) != _BY_NAME or function != "IMAGE":
                return ""
            quoted = "" if arguments[0] is None else arguments[0].replace('"', '""')
            return f'={function}("{quoted}")' if quoted else ""
        else:
            size = _SIZES.get(token) or ((7 if wide else 5) if token in _REFERENCES else 0)
            if not size:
                return ""
            arguments.append(None)
            at += size
    return ""


def _string(tokens: bytes, at: int, *, wide: bool) -> tuple[str, int]:
    if wide:
        (count,) = struct.unpack_from("<H", tokens, at)
        end = at + 2 + 2 * count
        return tokens[at + 2 : end].decode("utf-16-le"), end
    return short_string(tokens, at)


def short_string(data: bytes, at: int) -> tuple[str, int]:
    """An .xls text that begins with its length in one byte, and where it ends."""
    return plain_string(data, at + 1, data[at])


def plain_string(data: bytes, at: int, count: int) -> tuple[str, int]:
    """An .xls text of so many characters: a byte that tells their width, then they; and where it ends."""
    if data[at] & 1:
        end = at + 1 + 2 * count
        return data[at + 1 : end].decode("utf-16-le"), end
    end = at + 1 + count
    return data[at + 1 : end].decode("latin-1"), end
