"""Any file: what was written comes back the same, and any bytes at all give rows or one clear error."""

import csv
import faulthandler
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from importer.addresses import STRAY_PERCENT, WIRE_FORM, parse_address
from importer.errors import UsageError
from importer.loaded import LoadedFile
from importer.loader import load
from importer.loader.layouts.batches import batches
from importer.models import ImageRow
from importer.settings import MAX_URL_LENGTH, LoaderSettings
from tests.loader.sheets import workbook

Line = tuple[str, str, str, str] | None
"""SKU, alt text, sort order and thumbnail flag; None is a blank row."""
Edit = tuple[int, int, bytes]
"""Where, how many bytes go, and what comes in their place."""

HEADER = ["SKU", "Image URL", "Alt text", "Sort Order", "Is Thumbnail"]
TRICKY = ("00123", "NA", "NULL", "None", "nan", "-", "1E5", "123.0", "0", "1,5", "#N/A", "'0815", "TRUE", "12:30")
FLAGS = {"": None, "yes": True, "no": False, "TRUE": True, "0": False}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1251", "latin-1", "mac-roman")
UNICODE = "".join(map(chr, range(32, 127))) + "éßçñøłžœ—„“”\u2019€ЖщΩ漢字カ한ع✓☕🎁e\u0301"
TAKEN_OFF = "\"'“”„«»\u2018\u2019\u201a\u2039\u203a \n"
WORDS = {
    "French": "Chaise en chêne, vue de côté|Théière émaillée à décor doré|Coussin brodé à la main|Étagère en hêtre|"
    "Boîte à bijoux façonnée|Lampe à poser en céramique|Tapis d'entrée très épais|Plateau à fromage en érable",
    "German": "Stuhl aus Eiche, geölt|Weiße Schüssel für Gemüse|Größe M, Rückseite|Kissenbezug mit Blüten|"
    "Türgriff in Messing, gebürstet|Übertopf mit Löchern|Gläser, mundgeblasen, schön|Fußmatte, waschbar und grün",
    "Spanish": "Silla de roble|Lámpara de techo en cerámica|Cojín bordado a mano|Caja de música para niños|"
    "Cuchillo español|Sofá de tres plazas, marrón|Jarrón de cristal con líneas|Sartén de hierro, 28 cm, más ligera",
    "Danish": "Stol i egetræ, set fra siden|Skål til grøntsager|Rød vase med låg|Børnetøj, størrelse 92|"
    "Håndlavet kurv af pæretræ|Sengetøj i økologisk bomuld|Blå tallerken, små fejl|Køkkenkniv af rustfrit stål",
    "Polish": "Krzesło dębowe, widok z boku|Miska na sałatę, żółta|Świecznik ręcznie kuty|Półka ścienna z drewna|"
    "Łóżko dziecięce z szufladą|Poduszka z haftem, różowa|Wazon ze szkła, mały|Nóż kuchenny ze stali, ćwierć",
    "Russian": "Стул из дуба|Белая миска|Вышитая подушка|Полка из бука|Красная ваза|Детская кровать|Кухонный нож|Ковёр",
}
LANGUAGES = [
    *product(("French", "German", "Danish", "Spanish"), ("cp1252", "mac-roman")),
    *(("Polish", "cp1250"), ("Russian", "cp1251")),
]
KINDS = [
    *("utf-8", "utf-16", "cp1252", "gz", "xlsx", "xlsb", "xls", "page", "zip"),
]
MARKUP = ("<li>a;</li>", "&amp;", "a, b", "x | y", "<p>", 'style="color:red;"')
ODD_CELLS = (
    *("", "-", "n/a", "no_selection", "\u00a0", "00123", "1E5", "1.23457E+11", "yes", "maybe", "a://b", "://", "x.jpg"),
    *("https://a.example/x.jpg", "https://a.example/x.jpg ", "https://a.example/1.jpg,https://a.example/2.jpg", "\n"),
    *("a\nb", "A\nB,https://a.example/3.jpg", "A,https://a.example/3.jpg", '"q"', '="7"', "=1+1", "\0", "\u200b", "\t"),
    *("https://a.example/é x.jpg", "_x000d_", "&amp;", "\ufffd", "1.0", "-3", "99999999999", "#N/A", "a|b", "x" * 300),
)
STARTS = (
    *(b"", b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b"\x89PNG"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"SQLite format 3\0", b"PAR1"),
    *(b"<html>", b"<table><tr><td>", b"<?xml version='1.0'?>", b"sep=;\n", b'"sep=,"\r\n', b"SKU,Image URL\nA,", b'"'),
)
FRAGMENTS = (
    *(b"\0", b"\xff", b'"', b"\n", b"\r", b",", b";", b"<", b">", b"&#0;", b"\xff" * 4, b"\0" * 4, b"999999999", b"-1"),
    *(b"A1", b"XFD1048576", b"https://", b"<td rowspan=99>", b"<td colspan=99>", b"</table><table>", b"\xed\xa0\x80"),
)
DELIMITERS, ENDS = st.sampled_from(",;\t|"), st.sampled_from(["\r\n", "\n"])
EDIT = st.tuples(st.integers(0, 20_000), st.sampled_from([0, 1, 2, 60]), st.sampled_from(FRAGMENTS) | st.binary())
EDITS = st.lists(EDIT, min_size=1, max_size=4)
steady = settings(derandomize=True, deadline=3_000, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "rows.xlsx"


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """The deadline of the examples is for what is slow; what never ends, ends the whole run, and shows where it was."""
    faulthandler.dump_traceback_later(60, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def outcome(path: Path, chosen: LoaderSettings | None = None) -> LoadedFile | str:
    """What a file loads as, or the one sentence against it."""
    try:
        return load(path, chosen)
    except UsageError as error:
        return str(error)


def writable(encoding: str) -> str:
    """The characters that an encoding holds, without the odd spaces that the loader takes away."""
    every = UNICODE if encoding.startswith("utf") else bytes(range(32, 256)).decode(encoding, "ignore")
    return "".join(character for character in every if character.isprintable())


def tables(alphabet: str) -> st.SearchStrategy[list[Line]]:
    """Rows without what the loader takes off on purpose (spaces, quotation marks around), and without formulas."""

    def texts(alphabet: str, least: int = 0) -> st.SearchStrategy[str]:
        every = st.text(alphabet, min_size=least, max_size=40).filter(lambda text: not text.startswith("="))
        return every.filter(lambda text: text.lstrip(" \n") == text == text.rstrip(TAKEN_OFF))

    orders = st.just("") | st.integers(-5, 1000).map(str)
    skus = st.sampled_from(TRICKY) | texts(alphabet, 1)
    line = st.tuples(skus, texts(alphabet + "\n,;|\"'"), orders, st.sampled_from(list(FLAGS)))
    return st.lists(st.none() | line, min_size=1, max_size=6).filter(any)


def cells(lines: Sequence[Line]) -> list[list[str]]:
    """The rows as they are written: each has an address of its own, so that none repeats another."""
    return [
        [line[0], f"https://a.example/{number}.jpg", *line[1:]] if line else [""] * len(HEADER)
        for number, line in enumerate(lines, 2)
    ]


def expected(lines: Sequence[Line], sheet: str = "") -> list[ImageRow]:
    return [
        ImageRow(sheet, number, None, sku, url, url, alt, int(order) if order else None, FLAGS[flag])
        for number, (sku, url, alt, order, flag) in enumerate(cells(lines), 2)
        if sku
    ]


def csv_bytes(rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",", end: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(data=st.data(), how=st.sampled_from(["csv", "csv with blank lines", "pandas"]), delimiter=DELIMITERS, end=ENDS)
@settings(steady, max_examples=40)
def test_text_loads_back(path: Path, encoding: str, data: st.DataObject, how: str, delimiter: str, end: str) -> None:
    lines = data.draw(tables(writable(encoding)))
    if how == "pandas":
        frame = pd.DataFrame(cells(lines), columns=HEADER, dtype=str)
        frame.to_csv(path, sep=delimiter, encoding=encoding, lineterminator=end, index=False)
    else:
        rows = [row if any(row) or how == "csv" else [] for row in cells(lines)]
        path.write_bytes(csv_bytes([HEADER, *rows], encoding, delimiter, end))
    # A few words are too few to tell 8-bit encodings apart; all others are found out.
    loaded = load(path, LoaderSettings(encoding="" if encoding.startswith("utf") else encoding))
    assert list(loaded.rows) == expected(lines)
    assert loaded.facts.delimiter == delimiter


@given(delimiter=DELIMITERS, markup=st.lists(st.sampled_from(MARKUP), max_size=6), rows=st.integers(1, 9))
@example(delimiter=",", markup=["<li>a;</li>"] * 4, rows=1)
@settings(steady, max_examples=60)
def test_delimiters_in_cells_do_not_count(path: Path, delimiter: str, markup: list[str], rows: int) -> None:
    lines: list[Line] = [("A", "\n".join(markup), "", "")] * rows
    path.write_bytes(csv_bytes([HEADER, *cells(lines)], delimiter=delimiter))
    assert outcome(path) == load(path, LoaderSettings(delimiter=delimiter))


@pytest.mark.parametrize("how", ["openpyxl", "pandas"])
@given(lines=tables(UNICODE).filter(lambda lines: not any(line and line[0] == "#N/A" for line in lines)))
@settings(steady, max_examples=25)
def test_a_workbook_loads_back(path: Path, how: str, lines: list[Line]) -> None:
    """In a workbook, #N/A is no text but an error in place of a value."""
    if how == "pandas":
        pd.DataFrame(cells(lines), columns=HEADER).to_excel(path, index=False, sheet_name="Pictures")
    else:
        typed = [[*row[:3], int(row[3]) if row[3] else "", row[4] == "TRUE" or row[4]] for row in cells(lines)]
        workbook(path.parent, {"Pictures": [list[object](HEADER), *map(list[object], typed)]}, path.name)
    assert list(load(path).rows) == expected(lines, "Pictures")


@pytest.mark.parametrize(("language", "encoding"), LANGUAGES)
@given(chosen=st.permutations(range(8)), count=st.integers(5, 8))
@example(chosen=[1, 2, 3, 5, 7], count=5)
@settings(steady, max_examples=20)
def test_the_encoding_is_found(path: Path, language: str, encoding: str, chosen: list[int], count: int) -> None:
    words = WORDS[language].split("|")
    lines: list[Line] = [("A", words[one], "", "") for one in chosen[:count]]
    path.write_bytes(csv_bytes([HEADER, *cells(lines)], encoding))
    assert list(load(path).rows) == expected(lines)


@pytest.mark.parametrize("header", [HEADER, ["Product ID", *HEADER], ["Image URL", "Other", "Product ID"]])
@given(lines=st.lists(st.lists(st.sampled_from(ODD_CELLS) | st.text(UNICODE, max_size=6), max_size=7), max_size=6))
@settings(steady, max_examples=100)
def test_columns_and_rows_give_the_same(path: Path, header: list[str], lines: list[list[str]]) -> None:
    path.write_bytes(csv_bytes([header, *lines]))
    chosen = LoaderSettings(delimiter=",", encoding="utf-8")
    by_column = outcome(path, chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("importer.loader.file.batches", lambda *about, plain: batches(*about, plain=plain and False))
        assert outcome(path, chosen) == by_column


@given(text=st.from_regex(WIRE_FORM, fullmatch=True))
@settings(steady, max_examples=80)
def test_the_wire_form_is_what_parsing_leaves_alone(text: str) -> None:
    assume(len(text) <= MAX_URL_LENGTH and not STRAY_PERCENT.search(text))
    assert getattr(parse_address(text, MAX_URL_LENGTH), "url", None) == text


def accounted(path: Path, loaded: LoadedFile | str) -> None:
    """A small file never makes much, and every row that Python's own csv reader finds in a text is among the rows."""
    assert 0 < len(loaded) < 2_000 if isinstance(loaded, str) else len(loaded.rows) < 10_000
    if isinstance(loaded, str) or loaded.facts.format != "CSV" or loaded.notes:
        return
    with path.open(encoding=loaded.facts.encoding, errors="replace", newline="") as file:
        lines = list(file)
    if lines[0].strip('\ufeff"').lower().startswith("sep="):
        del lines[0]
    read = list(csv.reader(lines, delimiter=loaded.facts.delimiter))[loaded.sheets[0].header_row :]
    expected = {number for number, row in enumerate(read, loaded.sheets[0].header_row + 1) if "".join(row).strip()}
    assert ({row.row for row in loaded.rows}, loaded.sheets[0].rows) == (expected, len(expected))


def test_a_row_of_spaces_is_not_counted(path: Path) -> None:
    path.write_bytes(b"SKU,Image URL\nA,https://a.example/x.jpg\n ,\n")
    accounted(path, outcome(path))


@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=400))
@settings(steady, max_examples=300)
def test_any_bytes_give_rows_or_one_error(path: Path, start: bytes, rest: bytes) -> None:
    path.write_bytes(start + rest)
    accounted(path, outcome(path))


@cache
def parts(kind: str) -> dict[str, bytes]:
    """A sound file of a kind: the files inside of it, or itself under no name."""
    rows = [HEADER, *cells([("A", "“Blue”, a\nb", "1", "yes"), ("Café", "", "", ""), None, ("00123", "x", "2", "no")])]
    file = io.BytesIO()
    match kind:
        case "gz":
            return {"": gzip.compress(csv_bytes(rows))}
        case "zip":
            return {"rows.csv": csv_bytes(rows)}
        case "page":
            table = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows)
            return {"": f"<table>{table}</table>".encode()}
        case "xls":
            return {"": Path(__file__).with_name("hyperlinks.xls").read_bytes()}
        case "xlsx":
            pd.DataFrame([*rows, ["B", '=HYPERLINK("https://a.example/")', "", "", ""]]).to_excel(
                file, index=False, header=False
            )
        case "xlsb":
            file.write(Path(__file__).with_name("hyperlinks.xlsb").read_bytes())
        case _:
            return {"": csv_bytes(rows, kind)}
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    if "" in parts:
        return parts[""]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def damaged(content: bytes, edits: Sequence[Edit]) -> bytes:
    for at, length, put in edits:
        here = at % (len(content) + 1)
        content = content[:here] + put + content[here + length :]
    return content


@pytest.mark.parametrize("kind", KINDS)
@given(edits=EDITS, inside=st.none() | st.integers(0, 20))
@example(edits=[(14, 0, b" rowspan=65000")], inside=None)
@example(edits=[(30, 1, b"y")], inside=None)
@settings(steady, max_examples=100)
def test_a_damaged_file_gives_rows_or_one_error(path: Path, kind: str, edits: list[Edit], inside: int | None) -> None:
    """The damage is in the file itself or in one of those packed in it."""
    files = parts(kind)
    name = list(files)[(inside or 0) % len(files)]
    inner = packed(files | {name: damaged(files[name], edits)})
    path.write_bytes(damaged(packed(files), edits) if inside is None else inner)
    accounted(path, outcome(path))


@pytest.mark.parametrize("content", [b"<html", b"<meta charset=idna>"])
def test_no_other_exception(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    accounted(path, outcome(path))
