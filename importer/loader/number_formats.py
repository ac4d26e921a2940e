"""Number formats: what a spreadsheet program shows of a cell, where that is something else than the cell holds.

Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (numFmts). Dates and times are told by the reader of the values.
"""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)",
    48: "##0.0E+0",
}  # fmt: skip
"""The formats that a file names by their number alone, aside from General and Text."""
UNKNOWN = "?/?"
"""A format under which this tool cannot tell what is shown, as for any fraction."""
BUILT_IN |= dict.fromkeys((*range(5, 9), *range(14, 23), *range(27, 37), *range(41, 48), *range(50, 59)), UNKNOWN)
"""Money, dates and times look different in every country."""
_PLAIN = ("", "general", "@")
_LONGEST_CODE = 255
_MOST_DIGITS = 24
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)'
    r"|(?P<section>;)|(?P<mark>[0#?.,%@/]|E[+-])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_LETTERS = re.compile(r"[A-Za-z]")
_SCIENTIFIC = re.compile(r"\d[eE][+-]?\d")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'\u2019\s]\d{3})+(?!\d)")

Token = tuple[str, str]
"""What it is (`text`, a mark of the format, or `odd`), and the text that stands for it."""


class Formatted(str):
    """A cell's text as the file holds it, which the spreadsheet program shows otherwise.

    Attributes:
        code: its number format.
        is_text: whether the cell holds a text, not a number.
    """

    __slots__ = ("code", "is_text")
    code: str
    is_text: bool

    def __new__(cls, held: str, code: str, *, is_text: bool = False) -> "Formatted":
        """The text of a cell, with its format."""
        cell = super().__new__(cls, held)
        cell.code, cell.is_text = code, is_text
        return cell

    @property
    def shown(self) -> str:
        """What a person sees; empty where this tool cannot tell."""
        held, sections = str(self), _sections(self.code if len(self.code) <= _LONGEST_CODE else UNKNOWN)
        return _shown_text(held, sections) if self.is_text else _shown_number(held, sections)

    @property
    def is_clear(self) -> bool:
        """Whether what is shown holds everything that the cell does, so that whoever reads it means just that.

        Under 0.000, 90.75 is shown as 90.750. Digits in groups, percents and rounded numbers look alike for different
        values, or different in another country.
        """
        text, held = self.shown, str(self)
        if self.is_text:
            return True
        if not text or "%" in text or _SCIENTIFIC.search(text) or _SCIENTIFIC.search(held):
            return False
        whole = held.partition(".")[0].lstrip("-")
        if any(_digits(found) == whole for found in _GROUPED.findall(text)):
            return False
        return held in text or (_digits(held).lstrip("0") or "0") in _digits(text)


def is_plain(code: str) -> bool:
    """Whether a format shows every cell just as it is."""
    return code.strip().lower() in _PLAIN


def literal(text: str) -> str:
    """The format under which just this text is shown."""
    return "".join(f"\\{character}" for character in text)


def is_for_texts(code: str) -> bool:
    """Whether a format adds something to texts, too."""
    return "@" in code and not is_plain(code)


def _shown_text(held: str, sections: list[list[Token]]) -> str:
    section = next((one for one in sections if any(kind == "@" for kind, _ in one)), [("@", "")])
    return "".join(held if kind == "@" else text for kind, text in section).strip()


def _shown_number(held: str, sections: list[list[Token]]) -> str:
    sections = [section for section in sections if all(kind != "@" for kind, _ in section)]
    try:
        number = Decimal(held)
    except InvalidOperation:
        return ""
    if not sections or not number.is_finite():
        return ""
    negative = number < 0
    section = sections[0]
    if negative and len(sections) > 1:
        section = sections[1]
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    sign = "-" if negative and len(sections) == 1 else ""
    return (sign + _number(abs(number), held.lstrip("-"), section)).strip()


@lru_cache(maxsize=256)
def _sections(code: str) -> list[list[Token]]:
    sections: list[list[Token]] = [[]]
    for found in _TOKEN.finditer(code):
        kind, text = found.lastgroup, found[0]
        if kind == "section":
            sections.append([])
        elif kind in ("quoted", "escaped"):
            sections[-1].append(("text", found[kind]))
        elif kind == "space":
            sections[-1].append(("text", " "))
        elif kind == "bracket":
            money = found[kind].startswith("$")
            known = money or found[kind].isalpha()  # a currency or country, or a colour
            sections[-1].append(("text" if known else "odd", found[kind][1:].partition("-")[0] if money else ""))
        elif kind == "mark":
            sections[-1].append((text.upper(), text))
        elif kind == "general":
            sections[-1].append(("general", ""))
        elif kind == "other":
            sections[-1].append(("odd" if _LETTERS.match(text) else "text", text))
    return sections


def _number(number: Decimal, held: str, section: list[Token]) -> str:
    """The number under one section of its format; empty for dates, fractions, scientific notation and conditions."""
    kinds = [kind for kind, _ in section]
    if {"odd", "/", "E+", "E-", "@"} & set(kinds) or kinds.count(".") > 1:
        return ""
    if "general" in kinds:
        return "".join(held if kind == "general" else text for kind, text in section)
    places = [at for at, kind in enumerate(kinds) if kind in "0#?"]
    if not places:
        return "".join(text for _, text in section)
    if "," in kinds[places[-1] :]:
        return ""  # shown in thousands
    point = kinds.index(".") if "." in kinds else len(kinds)
    whole, decimals = [at for at in places if at < point], [at for at in places if at > point]
    scaled = number * 100 ** kinds.count("%")
    if scaled.adjusted() + len(decimals) > _MOST_DIGITS:
        return ""
    rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    before, _, after = f"{rounded:f}".partition(".")
    filled = dict(_filled(before.lstrip("0"), whole, kinds, grouped="," in kinds))
    filled.update(zip(decimals, after, strict=True))
    for at in reversed(decimals):
        if filled[at] != "0" or kinds[at] == "0":
            break
        filled[at] = ""
    return "".join(
        filled.get(at, "") if at in places else "" if kind == "," else text for at, (kind, text) in enumerate(section)
    )


def _filled(digits: str, places: list[int], kinds: list[str], *, grouped: bool) -> Iterator[tuple[int, str]]:
    """The digits before the decimal point in their places, from the right; the first place takes all that are left."""
    for number, at in enumerate(reversed(places)):
        first = number == len(places) - 1
        digit = digits if first else digits[-1:]
        digits = "" if first else digits[:-1]
        digit = digit or {"0": "0", "?": " "}.get(kinds[at], "")
        if grouped:
            digit = _grouped(digit, number)
        yield at, digit


def _grouped(digits: str, right: int) -> str:
    """Some digits with a comma where a group of three ends, of which so many digits stand to the right."""
    parts = []
    for at, digit in enumerate(reversed(digits)):
        parts.append(digit + ("," if (right + at) % 3 == 0 and right + at else ""))
    return "".join(reversed(parts))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
