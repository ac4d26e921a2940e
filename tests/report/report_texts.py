"""Strangers' text of every kind, for the tests of what becomes of it in the report and on its way back."""

import re

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from importer.report.guard import EXCEL_CELL_LIMIT, plain

NASTY = [
    ";=1+1",
    ";'=1",
    "\t'@",
    "=1+1",
    '=HYPERLINK("http://evil.example")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\uff1d1",
    "'",
    "''",
    '"',
    '""',
    ",",
    ";",
    "|",
    "\t",
    "\r",
    "\n",
    "\r\n",
    " ",
    "\x00",
    "\x0b",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ud800",
    "\udfff",
    "\uffff",
    "\ufeff",
    "_x0041_",
    "_x005F_",
    "_x000D_",
    "#N/A",
    "#REF!",
    "NULL",
    "1E5",
    "00123",
    "<b>",
    "</td>",
    "</script>",
    "]]>",
    "&amp;",
    "{{ 7*7 }}",
    "{% raw %}",
    "😀",
    "ß",
]
LONG = ["x" * 40_000, "😀" * 20_000, "=" + "1+" * 20_000]
"""Too long for a cell of Excel's, and for the words in which hypothesis tells what it tried."""
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=4).map("".join),
    st.sampled_from(NASTY),
)
MANY_TEXTS = st.lists(TEXTS, min_size=1, max_size=12)
"""Many for each file: making the file takes longer than filling it."""
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def in_cell(text: str) -> str:
    """What one cell of a workbook holds of a text: all that can be shown, up to Excel's limit in UTF-16 units."""
    cleaned = plain(text)
    units = 0
    for at, character in enumerate(cleaned):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > EXCEL_CELL_LIMIT:
            kept = cleaned[:at]
            while sum(2 if ord(one) > 0xFFFF else 1 for one in kept) > EXCEL_CELL_LIMIT - 1:
                kept = kept[:-1]
            return f"{kept}…"
    return cleaned


def unescaped(text: str) -> str:
    """A text as Excel reads it from the file (ECMA-376 part 1, 22.9.2.19: `_x0041_` stands for the letter A)."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
