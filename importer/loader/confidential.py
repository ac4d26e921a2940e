"""What must not be shown although it stands in a file: credentials given as the spreadsheet, by mistake."""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from importer.errors import FileError
from importer.loader.tables import Table, numbered

_ROWS = 60
_LABEL = re.compile(
    r"\W*(?:access[ _-]*token|client[ _-]*secret|x-auth-token|bigcommerce[ _-]*access[ _-]*token)\W*(?:[:=].*)?",
    re.IGNORECASE | re.DOTALL,
)
"""How the lines of BigCommerce's own text file begin, of a `.env` file, and of what people make of them."""
_TOKEN = re.compile(r"(?<![\w/.-])(?=[a-z_-]*\d)[a-z0-9_-]{12,}(?![\w/.-])", re.IGNORECASE)
_LIKE_A_SECRET = re.compile(r"[A-Za-z0-9_+/=-]{20,}")
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_FEWEST_CHANGES = 4
_HIDDEN = "(not shown: it looks like a secret)"


def refuse_credentials(path: Path, tables: Iterable[Table]) -> None:
    """See that the file is not the one with the store's credentials; none of its cells is told.

    Raises:
        FileError: it is.
    """
    for table in tables:
        labelled = False
        for _, cells in islice(numbered(table.read()), _ROWS):
            # The token stands behind its label, or below it where a person has made a table of them.
            labels = [cell for cell in cells if _LABEL.fullmatch(cell.strip())]
            if (labels or labelled) and any(_TOKEN.search(cell) for cell in cells):
                raise FileError(
                    f"{path} holds the credentials of a store's API account and is no spreadsheet of pictures. Pass it "
                    f"with --credentials, and the spreadsheet in its place:  importer run FILE --credentials {path}"
                )
            labelled = bool(labels)


def harmless(text: str) -> str:
    """A header or cell as it may be quoted: what looks like a key or a token is not."""
    looks = any(
        len(_LETTER_BESIDE_DIGIT.findall(word)) >= _FEWEST_CHANGES for word in _LIKE_A_SECRET.findall(text)
    ) and not re.match(r"\s*https?://", text, re.IGNORECASE)
    return _HIDDEN if looks else text
