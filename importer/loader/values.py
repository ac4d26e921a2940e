"""A cell's text becomes a value, or a problem that names the cell's column."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

from importer.addresses import PICTURE_ENDINGS, mistyped
from importer.models import Problem, ProblemCode
from importer.problems import problem
from importer.settings import MAX_DESCRIPTION_LENGTH

_YES = frozenset((
    "yes", "y", "true", "t", "1", "x", "✓", "✔", "ja", "j", "wahr", "oui", "o", "vrai", "si", "sí", "sì", "s", "sim",
    "verdadero", "verdadeiro", "vero", "tak", "prawda", "ano", "igen", "igaz", "kyllä", "waar", "evet", "да", "так",
    "истина", "是",
))  # fmt: skip
_NO = frozenset((
    "no", "n", "false", "f", "0", "✗", "nein", "falsch", "non", "faux", "não", "nao", "falso", "nie", "fałsz", "ne",
    "nee", "nej", "nem", "hamis", "ei", "onwaar", "hayır", "нет", "ні", "ложь", "否",
))  # fmt: skip
_NOTHING = frozenset(("", "-", "--", "n/a", "na", "nan", "none", "null", "#n/a"))
_INT32 = range(-(2**31), 2**31)
"""BigCommerce docs, productImage_Base: `sort_order` lies between -2147483648 and 2147483647."""

LONGEST_SKU = 255
"""BigCommerce docs, product_Base: `sku`, maxLength 255."""
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"))
_INVISIBLE |= dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\ufeff\u00ad\x00"))
_EDGES = " \n" + "".join(map(chr, _INVISIBLE))
_SPACES = re.compile(r"[^\S \n]+|_x000[dD]_")
_QUOTES = {"“": "”", "„": "“", "«": "»", "»": "«", "‘": "’", "‚": "‘", "‹": "›", "”": "”", "’": "’", '"': '"'}
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_LINK_FORMULA = re.compile(
    r'=\s*(?:_xlfn\.)?(?:HYPERLINK|IMAGE)\s*\(\s*"((?:[^"]|"")*)"\s*(?:[,;].*)?\)\s*', re.IGNORECASE | re.DOTALL
)
_ZERO_FRACTION = re.compile(r"(?<=\d)[.,]0{1,2}$")
"""Two zeros at most: `1,000` is a thousand to one reader and one to another."""
_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+")
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})", re.ASCII)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
GLUED = re.compile(
    r"://[^/\s]+/\S*?\.(?:jpe?g|png|gif|webp)(?=[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}/)", re.IGNORECASE
)
"""The end of one address and, at once, the host of another that has lost its `https://`."""
_SURPLUS = re.compile(
    rf"://\S*?\.(?:{PICTURE_ENDINGS})(?=[)\]}}]*\s+\S|\s*[,;|]\s*(?:/[^?#\s]*|[^/?#]+)\.(?:{PICTURE_ENDINGS})$)",
    re.IGNORECASE,
)
"""An address up to its picture's ending, where text follows that is no part of it."""
_BREAKS = re.compile(r"[\t\r\n]")
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


def clean(text: str) -> str:
    """The value without what nobody means to write: odd spaces, invisible characters, quotation marks around it."""
    return _unquoted(_SPACES.sub(" ", text.translate(_INVISIBLE)).strip())


def alt_text(text: str) -> str:
    """The same for running text, where a joiner inside may hold an emoji or a word together."""
    return _unquoted(_SPACES.sub(" ", text).strip(_EDGES))


def _unquoted(text: str) -> str:
    while len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and not {text[0], text[-1]} & set(text[1:-1]):
        text = text[1:-1].strip()
    return text


def key(text: str) -> str:
    """A product id or SKU as the person sees it; `="00123"` is how Excel is kept from losing zeros."""
    text = clean(text)
    formula = _TEXT_FORMULA.fullmatch(text)
    return formula[1].replace('""', '"').strip() if formula else text


def product_id(text: str, column: str) -> int | Problem | None:
    """A BigCommerce product id: a whole number from 1 up. Empty text gives None."""
    if text.casefold() in _NOTHING:
        return None
    whole = text
    if not (text.isascii() and text.isdigit()):
        whole = _ZERO_FRACTION.sub("", unicodedata.normalize("NFKC", text).lstrip("'#"))
        whole = whole.replace(" ", "") if _GROUPED.fullmatch(whole) else whole
    if whole.isascii() and whole.isdigit() and len(whole) <= 18 and int(whole) > 0:
        return int(whole)
    if match := _SCIENTIFIC.fullmatch(text):
        digits, places = match[1] + (match[2] or ""), int(match[3])
        if not digits_lost(text) and len(digits) - 1 <= places <= 17 and int(digits):
            return int(digits + "0" * (places - len(digits) + 1))
    words = f"“{text[:60]}” in the column {column} is not a product id."
    if text.startswith("="):
        words = _formula(text, column)
    elif digits_lost(text):
        words += " The spreadsheet program has shortened a long number; its digits cannot be recovered from this."
    return problem(ProblemCode.PRODUCT_ID_INVALID, words, column=column)


def sku(written: str, column: str) -> str | Problem:
    """A SKU, which may be any text but one that a spreadsheet program has damaged, or that no store can hold."""
    text, formula = key(written), clean(written).startswith("=")
    if len(text) > LONGEST_SKU:
        return problem(
            ProblemCode.ROW_MALFORMED,
            f"“{text[:60]}…” in the column {column} has {len(text)} characters, and a SKU has at most {LONGEST_SKU}.",
            fix=f"Fill in the product's SKU in {column}; several cells may have run together in this one.",
            column=column,
        )
    if digits_lost(text):
        return problem(
            ProblemCode.ROW_MALFORMED,
            f"“{text[:60]}” in the column {column} is a long number that the spreadsheet program has shortened; its "
            "digits cannot be recovered from this.",
            fix=f"Set the column {column} to the format Text, fill in the SKU again from its source, and run it again.",
            column=column,
        )
    if formula and not _TEXT_FORMULA.fullmatch(clean(written)):
        return problem(ProblemCode.ROW_MALFORMED, _formula(text, column), fix=_NO_FORMULA, column=column)
    if "\N{REPLACEMENT CHARACTER}" in text:
        return problem(
            ProblemCode.ROW_MALFORMED,
            f"“{text[:60]}” in the column {column} holds characters that could not be read in the file's encoding.",
            fix=_OTHER_ENCODING,
            column=column,
        )
    return text


def digits_lost(text: str) -> bool:
    """Whether a number was rounded on its way: `1.23457E+11` stands for 100,000 different numbers.

    Excel's General format shows numbers of twelve digits and more with six of them; fewer places than that (`1.23E+05`)
    are a number's own.
    """
    match = _SCIENTIFIC.fullmatch(text)
    if not match or "+" not in text:
        return False
    places, exponent = len(match[2] or ""), int(match[3])
    return exponent > places and (places >= 5 or exponent >= 11)


def sort_order(text: str, column: str) -> int | Problem | None:
    """A whole number; empty text gives None."""
    if text.casefold() in _NOTHING:
        return None
    whole = _ZERO_FRACTION.sub("", text)
    if re.fullmatch(r"[+-]?\d{1,10}", whole, re.ASCII) and int(whole) in _INT32:
        return int(whole)
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"“{text[:60]}” in the column {column} is not a whole number.",
        fix=f"Write a whole number such as 0, 1 or 2 into {column}, or leave the cell empty.",
        column=column,
    )


def is_thumbnail(text: str, column: str) -> bool | Problem | None:
    """Yes or no in the usual words of several languages; empty text gives None."""
    word = text.casefold()
    if word in _NOTHING:
        return None
    word = word.removesuffix(".0")
    if word in _YES or word in _NO:
        return word in _YES
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"“{text[:60]}” in the column {column} is neither yes nor no.",
        fix=f"Write yes or no into {column}, or leave the cell empty.",
        column=column,
    )


def description(text: str) -> tuple[str, str]:
    """The alt text that will be sent, and a warning where it had to be cut at a word to fit."""
    if len(text) <= MAX_DESCRIPTION_LENGTH:
        return text, ""
    cut = text[: MAX_DESCRIPTION_LENGTH + 1].rpartition(" ")[0].rstrip() or text[:MAX_DESCRIPTION_LENGTH]
    return cut, (
        f"The description was cut from {len(text)} to {len(cut)} characters; "
        f"BigCommerce takes at most {MAX_DESCRIPTION_LENGTH}."
    )


def address(text: str, base_url: str = "", media_path: str = "") -> str:
    """The address that a cell means: out of its formula, without HTML's `&amp;`, and put behind the base URL.

    Args:
        text: the cell's text.
        base_url: what stands before an address that is only a path; empty to leave it alone.
        media_path: the folder of the pictures, where `base_url` is no more than a host.
    """
    # What browsers leave out of an address; other spaces in it are encoded.
    text = _BREAKS.sub("", text.replace("\x00", "").strip())
    text = _unquoted(_SPACES.sub(" ", text).strip(_EDGES)).strip("<>\"'“”„«»‘’ ")
    if formula := _LINK_FORMULA.fullmatch(text) or _TEXT_FORMULA.fullmatch(text):
        text = formula[1].replace('""', '"').strip()
    for _ in range(3):
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if text.startswith("//"):
        # Whatever page such an address stood on, today it is served over https.
        return f"https:{text}"
    if not text or not base_url or _ABSOLUTE.match(text) or text.startswith(("www.", "\\\\")) or mistyped(text):
        return text
    parts = urlsplit(base_url)
    folder = parts.path.strip("/") or media_path
    return "/".join(part for part in (f"{parts.scheme}://{parts.netloc}", folder, text.lstrip("/\\")) if part)


def surplus(text: str, column: str) -> Problem | None:
    """What is wrong with a cell that holds an address and more: words behind it, or the names of further pictures."""
    found = _SURPLUS.search(text)
    if found is None:
        return None
    return problem(
        ProblemCode.URL_INVALID,
        f"Something stands behind the address: “{text[found.end() :].strip()[:60]}”.",
        fix=f"If the address is {text[: found.end()].strip()[:300]}, take the rest out of the cell; a space that "
        "belongs to the address is written %20.",
        column=column,
    )


def address_trouble(text: str, column: str) -> Problem | None:
    """What is wrong with an address that looks like one: several glued together, or a formula without its value."""
    if text.startswith("="):
        return problem(ProblemCode.ROW_MALFORMED, _formula(text, column), fix=_NO_FORMULA, column=column)
    if GLUED.search(text):
        return problem(
            ProblemCode.URL_INVALID,
            "The cell seems to hold several addresses that were glued together without anything between them.",
            fix="Put each address into a cell of its own, or part them with spaces.",
            column=column,
        )
    if "\N{REPLACEMENT CHARACTER}" in text:
        return problem(
            ProblemCode.URL_INVALID,
            "The address holds characters that could not be read in the file's encoding.",
            fix=_OTHER_ENCODING,
            column=column,
        )
    return None


_OTHER_ENCODING = "Name the right encoding with --encoding, for example --encoding cp1252, or save the file as UTF-8."
_NO_FORMULA = "Open the file in your spreadsheet program, copy the column, paste it back as values only, and save."


def _formula(text: str, column: str) -> str:
    return (
        f"The cell in the column {column} holds the formula {text[:60]} instead of a value, and the file does not hold "
        "its result."
    )
