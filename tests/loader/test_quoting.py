r"""Quotation marks of text files: PHP's `\"`, paths of Windows that end in a backslash, and whole rows in quotes."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.errors import FileError
from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import asked, image_rows, images, rejected, skipped, written

CDN = "https://cdn.example"


steady = settings(derandomize=True, deadline=None, max_examples=150)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quoting") / "rows.csv"


def as_php_writes(cells: list[str], delimiter: str = ",") -> str:
    r"""One line of PHP's `fputcsv` with its usual escape character.

    Source: php-src, ext/standard/file.c, `php_fputcsv`: a cell with one of `delimiter " \ \n \r \t space` is enclosed,
    and a quotation mark in it is doubled unless a backslash stands before it.
    """
    line = []
    for cell in cells:
        if not any(mark in cell for mark in (delimiter, '"', "\\", "\n", "\r", "\t", " ")):
            line.append(cell)
            continue
        text, before = "", ""
        for character in cell:
            text += '""' if character == '"' and before != "\\" else character
            before = character
        line.append(f'"{text}"')
    return delimiter.join(line) + "\n"


PHPS = st.sampled_from(
    [
        "",
        "Mug",
        '2\\" pipe',
        'Tap 1/2\\"',
        "a, b; c",
        '5" rim',
        r"C:\pics",
        "two\nlines",
        '2\\", 3\\" and\n4\\"',
        r"a\\b",
        '"x"',
    ]
)
OTHERS = st.sampled_from(
    ["", "Mug", "C:\\pics\\", "a\\", '5" rim', "a, b; c", "C:\\x\\, D:\\y\\", "two\nlines", '"x"', "\\"]
)


@given(names=st.lists(st.tuples(PHPS, PHPS), min_size=1, max_size=5), delimiter=st.sampled_from(",;\t"))
@steady
def test_what_php_wrote_comes_back(path: Path, names: list[tuple[str, str]], delimiter: str) -> None:
    """Every row has its own SKU and address, whatever stands in the cells between them."""
    rows = [[str(7000 + at), first, f"{CDN}/{at}.jpg", second, "end"] for at, (first, second) in enumerate(names)]
    header = ["SKU", "Name", "Image URL", "Text", "Last"]
    path.write_text("".join(as_php_writes(row, delimiter) for row in [header, *rows]), "utf-8")
    loaded = load(path, LoaderSettings(delimiter=delimiter))
    assert asked(images(loaded)) == [(at, str(7000 + at - 2), f"{at - 2}.jpg") for at in range(2, len(names) + 2)]


@given(names=st.lists(st.tuples(OTHERS, OTHERS), min_size=1, max_size=5))
@steady
def test_what_everybody_else_wrote_comes_back(path: Path, names: list[tuple[str, str]]) -> None:
    """A lone backslash before the mark that ends a cell means nothing."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["SKU", "Folder", "Image URL", "Alt text"])
    writer.writerows([str(7000 + at), one, f"{CDN}/{at}.jpg", two] for at, (one, two) in enumerate(names))
    path.write_text(file.getvalue(), "utf-8")
    rows = image_rows(path, LoaderSettings(delimiter=","))
    assert [(row.sku, row.sent_url) for row in rows] == [
        (str(7000 + at), f"{CDN}/{at}.jpg") for at in range(len(names))
    ]


def test_phps_marks_in_a_woocommerce_export(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ID,Type,SKU,Name,Published,Short description,Images,Parent\n"
        f'12,simple,PIPE,Pipe,1,"Pipe with 2\\" end","{CDN}/1.jpg, {CDN}/2.jpg",\n'
        f'13,simple,TAP,Tap,1,"Tap 1/2\\"","{CDN}/3.jpg",\n'
        f'14,simple,CUP,Cup,1,"2\\", 3\\" and\n4\\"","{CDN}/4.jpg",\n'
        f'15,simple,MUG,Mug,1,Mug,"{CDN}/5.jpg",\n',
    )
    loaded = load(path)
    assert asked(images(loaded)) == [
        (2, "PIPE", "1.jpg"),
        (2, "PIPE", "2.jpg"),
        (3, "TAP", "3.jpg"),
        (4, "CUP", "4.jpg"),
        (5, "MUG", "5.jpg"),
    ]
    assert not skipped(loaded)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_the_mark_stays_in_the_text(tmp_path: Path, encoding: str) -> None:
    text = f'SKU,Alt text,Image URL\nPIPE,"Pipe, 2\\" end",{CDN}/1.jpg\nTAP,"Tap 1/2\\"","{CDN}/2.jpg"\n'
    rows = image_rows(written(tmp_path, text, encoding=encoding))
    assert [(row.sku, row.description) for row in rows] == [("PIPE", 'Pipe, 2" end'), ("TAP", 'Tap 1/2"')]


def test_both_in_one_file(tmp_path: Path) -> None:
    text = (
        f'SKU,Folder,Alt text,Image URL\nA,"C:\\pics\\","2\\" pipe, blue","{CDN}/1.jpg"\nB,"C:\\","x","{CDN}/2.jpg"\n'
    )
    assert [(row.sku, row.description) for row in image_rows(written(tmp_path, text))] == [
        ("A", '2" pipe, blue'),
        ("B", "x"),
    ]


def test_json_with_marks_of_its_own(tmp_path: Path) -> None:
    cell = r'"[{""src"":""https:\/\/a.example\/1.jpg"",""alt"":""2\"" pipe""}]"'
    (row,) = image_rows(written(tmp_path, f"SKU,Images\nA,{cell}\n"))
    assert (row.sent_url, row.description) == ("https://a.example/1.jpg", '2" pipe')


def test_a_mark_that_is_never_closed_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, f'SKU,Name,Image URL\nA,"2\\" pipe",{CDN}/1.jpg\nB,"Mug,{CDN}/2.jpg\n')
    with pytest.raises(FileError, match="row 3 on: a quotation mark opens"):
        load(path)


@pytest.mark.parametrize("padding", [",,,,", ""])
def test_whole_rows_in_quotes_are_unwrapped(tmp_path: Path, padding: str) -> None:
    path = written(
        tmp_path,
        "id,title,link,image_link,price\n"
        f'"M1,Red mug,https://shop.example/red,{CDN}/1.jpg,9 USD"{padding}\n'
        f"M2,Skillet,https://shop.example/skillet,{CDN}/2.jpg,19 USD\n"
        f'"M3,""Pot, big"",https://shop.example/pot,{CDN}/3.jpg,29 USD"{padding}\n',
    )
    loaded = load(path)
    assert asked(images(loaded)) == [(2, "M1", "1.jpg"), (3, "M2", "2.jpg"), (4, "M3", "3.jpg")]
    assert sum("quotation marks as a whole" in note for note in loaded.notes) == 1


@pytest.mark.parametrize("row", ['"Mug, blue",', '"a.jpg,x",,', '"1,2,3",,'])
def test_a_cell_with_commas_of_its_own_stays_a_cell(tmp_path: Path, row: str) -> None:
    loaded = load(written(tmp_path, f"SKU,Image URL,Alt text\n{row}\nB,{CDN}/2.jpg,\n"))
    assert [one.row for one in rejected(loaded)] == [2]
    assert rejected(loaded)[0].sku == next(csv.reader([row]))[0]
    assert not any("quotation marks" in note for note in loaded.notes)


def test_a_sku_that_no_store_can_hold_is_told(tmp_path: Path) -> None:
    longest = "x" * 255
    loaded = load(written(tmp_path, f"SKU,Image URL\n{longest},{CDN}/1.jpg\n{longest}y,{CDN}/2.jpg\n"))
    assert [row.sku for row in images(loaded)] == [longest]
    (trouble,) = rejected(loaded)
    assert trouble.problem.code == "row_malformed"
    assert "256 characters" in trouble.problem.detail
