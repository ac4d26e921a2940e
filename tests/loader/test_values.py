"""Values as people see them: what is cleaned away, what is kept, and what is lost for good."""

from pathlib import Path

import pytest

from importer.loader import load
from importer.loader.values import address, clean, is_thumbnail, key, product_id, sku
from importer.models import Problem
from importer.settings import LoaderSettings
from tests.loader.sheets import URL, image_rows, rejected, workbook, written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("123", 123), ("00123", 123), ("123.0", 123), ("123,00", 123), ("1.23E+05", 123_000), ("1,2E+5", 120_000),
        ("1E5", 100_000), ("1.23457E+05", 123_457), ("", None),
        ("'1234", 1234), ("#1234", 1234), ("1 234", 1234), ("１２３", 123), ("-", None), ("N/A", None),
    ],
)  # fmt: skip
def test_ids_are_the_integers_they_are(text: str, value: int | None) -> None:
    assert product_id(text, "ID") == value


@pytest.mark.parametrize("text", ["1.23457E+11", "4.6347E+11", "1.23457E+08", "1E+12"])
def test_digits_that_are_lost_are_never_guessed(text: str) -> None:
    trouble = product_id(text, "ID")
    assert isinstance(trouble, Problem)
    assert trouble.code == "product_id_invalid"
    assert "cannot be recovered" in trouble.detail
    assert isinstance(sku(text, "SKU"), Problem)


@pytest.mark.parametrize(
    "text", ["0", "-5", "1.5", "1,000", "1.000", "12O4", "1.5E+00", "1e-3", "2024-05-01", "1" * 19, "१२३", "=A1"]
)
def test_other_things_are_no_ids(text: str) -> None:
    assert isinstance(product_id(text, "ID"), Problem)


@pytest.mark.parametrize(
    "text", ["NA", "NULL", "nan", "None", "-", "1E5", "00123", "0", "123.0", "#N/A", "'872", "3E10A"]
)
def test_skus_that_look_like_something_else_survive(tmp_path: Path, text: str) -> None:
    assert [row.sku for row in image_rows(written(tmp_path, f"sku,image_url\n{text},{URL}\n"))] == [text]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\u00a0A-1\u2009", "A-1"), ("\ufeffA\u200b-1", "A-1"), ("“A-1”", "A-1"), ("„A-1“", "A-1"), ("«A-1»", "A-1"),
        ("‘A-1’", "A-1"), ('"A-1"', "A-1"), ("A\u00a0B", "A B"), ("A-1_x000D_", "A-1"), ('="00123"', "00123"),
        ('27" rim', '27" rim'), ("“A” or “B”", "“A” or “B”"), ("A-1\x00", "A-1"),
    ],
)  # fmt: skip
def test_what_nobody_means_to_write_goes(text: str, value: str) -> None:
    assert key(text) == value


def test_quotation_marks_inside_running_text_stay(tmp_path: Path) -> None:
    path = written(
        tmp_path, f"sku,image_url,alt text\nA,{URL}?1,“Blue” mug ☕\nB,{URL}?2,“Blue mug”\nC,{URL}?3,👩\u200d🍳 cook\n"
    )
    assert [row.description for row in image_rows(path)] == ["“Blue” mug ☕", "Blue mug", "👩\u200d🍳 cook"]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("https://a.example/x.jpg?a=1&amp;b=2", "https://a.example/x.jpg?a=1&b=2"),
        ("https://a.example/x.jpg?a=1&amp;amp;b=2", "https://a.example/x.jpg?a=1&b=2"),
        ("https://a.example/x.jpg?a=1&copy=2&lt", "https://a.example/x.jpg?a=1&copy=2&lt"),
        ("https://a.example/my mug.jpg", "https://a.example/my%20mug.jpg"),
        ("https://a.example/my%20mug.jpg", "https://a.example/my%20mug.jpg"),
        ("https://bücher.example/größe.jpg", "https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe.jpg"),
        ("“https://a.example/x.jpg”", "https://a.example/x.jpg"),
        ("<https://a.example/x.jpg>", "https://a.example/x.jpg"),
        ("\u200bhttps://a.example/x.jpg\u00a0", "https://a.example/x.jpg"),
        (r"https:\\a.example\x.jpg", "https://a.example/x.jpg"),
        ('=HYPERLINK("https://a.example/x.jpg","Mug")', "https://a.example/x.jpg"),
        ('=IMAGE("https://a.example/x.jpg")', "https://a.example/x.jpg"),
        ('=_xlfn.IMAGE("https://a.example/x.jpg"; "alt")', "https://a.example/x.jpg"),
        ("https://img.example/fetch/https://a.example/x.jpg", "https://img.example/fetch/https://a.example/x.jpg"),
    ],
)
def test_the_address_is_kept_as_written_and_sent_as_meant(tmp_path: Path, text: str, sent: str) -> None:
    quoted = text.replace('"', '""')
    (row,) = image_rows(written(tmp_path, f'sku\timage_url\nA\t"{quoted}"\n'))
    assert (row.image_url, row.sent_url) == (text.strip(), sent)


@pytest.mark.parametrize(
    ("text", "base", "folder", "whole"),
    [
        ("/m/u/x.jpg", "https://s.example", "", "https://s.example/m/u/x.jpg"),
        ("x.jpg", "https://s.example/", "", "https://s.example/x.jpg"),
        ("/m/x.jpg", "https://s.example/media/", "ignored", "https://s.example/media/m/x.jpg"),
        ("/m/x.jpg", "https://s.example", "media/catalog", "https://s.example/media/catalog/m/x.jpg"),
        ("//cdn.example/x.jpg", "https://s.example", "", "https://cdn.example/x.jpg"),
        ("https://a.example/x.jpg", "https://s.example", "", "https://a.example/x.jpg"),
        ("/m/x.jpg", "", "", "/m/x.jpg"),
        ("", "https://s.example", "", ""),
    ],
)
def test_the_base_url_stands_before_paths_alone(text: str, base: str, folder: str, whole: str) -> None:
    assert address(text, base, folder) == whole


def test_addresses_that_were_glued_together_are_told(tmp_path: Path) -> None:
    """With https:// before each they can be told apart; without, nobody can know where one ends."""
    path = written(
        tmp_path,
        "sku,image_url\n"
        "A,https://a.example/1.jpghttps://a.example/2.jpg\n"
        "B,https://a.example/1.jpga.example/2.jpg\n"
        "C,https://a.example/photo.png.jpg\n",
    )
    loaded = load(path)
    assert [(row.row, row.sku) for row in loaded.rows] == [(2, "A"), (2, "A"), (3, "B"), (4, "C")]
    (glued,) = rejected(loaded)
    assert (glued.sku, glued.problem.code) == ("B", "url_invalid")
    assert "glued together" in glued.problem.detail


@pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "1", "1.0", "x", "ja", "oui", "sí", "sim", "vero", "tak", "да"])
def test_yes_in_the_usual_words(word: str) -> None:
    assert is_thumbnail(word, "T") is True


@pytest.mark.parametrize("word", ["no", "N", "FALSE", "0", "nein", "non", "não", "nie", "nej", "нет"])
def test_no_in_the_usual_words(word: str) -> None:
    assert is_thumbnail(word, "T") is False


@pytest.mark.parametrize("word", ["", "-", "n/a", "NULL"])
def test_words_for_nothing_in_positions_and_flags(tmp_path: Path, word: str) -> None:
    (row,) = image_rows(written(tmp_path, f"sku,image_url,position,is thumbnail\nA,{URL},{word},{word}\n"))
    assert (row.sort_order, row.is_thumbnail) == (None, None)


def test_excels_numbers_become_what_they_are(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["product id", "sku", "image url"],
        [123.0, 7, f"{URL}?1"],
        [None, 123456789012, f"{URL}?2"],
    ]
    first, second = image_rows(workbook(tmp_path, {"S": rows}))
    assert (first.product_id, first.sku) == (123, "7")
    assert second.sku == "123456789012"


def test_characters_that_the_encoding_could_not_read_are_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(f"sku,image_url\nA-\xff\xfe1,{URL}\n".encode("latin-1") + ("é" * 50).encode())
    loaded = load(path)
    assert "--encoding" in rejected(loaded)[0].problem.fix


def test_clean_leaves_ordinary_text_alone() -> None:
    assert clean("Mug, 350 ml (blue)") == "Mug, 350 ml (blue)"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://a.example/1.jpg?v=1https://b.example/2.jpg?v=2", ["1.jpg?v=1", "2.jpg?v=2"]),
        ('"https://a.example/1.jpg", "https://a.example/2.jpg"', ["1.jpg", "2.jpg"]),
        ("<https://a.example/1.jpg>, <https://a.example/2.jpg>", ["1.jpg", "2.jpg"]),
        ("['https://a.example/1.jpg', 'https://a.example/2.jpg']", ["1.jpg", "2.jpg"]),
        ("https://a.example/1.jpg / https://a.example/2.jpg", ["1.jpg", "2.jpg"]),
        ("https://a.example/1.jpg\nhttps://a.example/2.jpg", ["1.jpg", "2.jpg"]),
        ("https://a.example/1.jpg, N/A, https://a.example/2.jpg", ["1.jpg", "2.jpg"]),
        ("https://a.example/1.jpg,", ["1.jpg"]),
        ("https://a.example/a,b.jpg;https://a.example/2.jpg", ["a,b.jpg", "2.jpg"]),
        ("https://img.example/?u=https://a.example/1.jpg", ["1.jpg"]),
        ("1.jpg; 2.jpg|3.png", ["1.jpg", "2.jpg", "3.png"]),
        ("/m/1.jpg,/m/2.jpg", ["1.jpg", "2.jpg"]),
    ],
)
def test_several_addresses_in_one_cell(tmp_path: Path, text: str, parts: list[str]) -> None:
    quoted = text.replace('"', '""')
    path = written(tmp_path, f'sku\timages\nA\t"{quoted}"\n')
    rows = image_rows(path, LoaderSettings(base_url="https://s.example"))
    assert [row.sent_url.rpartition("/")[2] for row in rows] == parts


def test_an_address_without_its_scheme_is_https(tmp_path: Path) -> None:
    (row,) = image_rows(written(tmp_path, "sku,image\nA,//cdn.example/x.jpg\n"))
    assert (row.image_url, row.sent_url) == ("//cdn.example/x.jpg", "https://cdn.example/x.jpg")


def test_a_number_beyond_excels_fifteen_digits_has_lost_some(tmp_path: Path) -> None:
    rows: list[list[object]] = [["sku", "image url"], [1234567890123456789, URL]]
    (trouble,) = rejected(load(workbook(tmp_path, {"S": rows})))
    assert "cannot be recovered" in trouble.problem.detail


@pytest.mark.parametrize("filling", [" ", "\n", ", ", '"', "<", "/ ", "<br>", r"\n", "https://"])
def test_a_cell_made_to_keep_us_busy_does_not(tmp_path: Path, filling: str) -> None:
    """Matching such a cell once took twice as long for each further space; the suite's own limit would tell."""
    cell = f"{URL}?1 {URL}?2{filling * 5_000}x"
    quoted = cell.replace('"', '""')
    assert load(written(tmp_path, f'sku\timages\nA\t"{quoted}"\n')).rows


def test_two_ways_of_writing_one_address_in_a_row(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, "SKU,Image 1,Image 2\nA,https://a.example/a b.jpg,https://a.example/a%20b.jpg\n"))
    assert [row.problem.code for row in rejected(loaded)] == ["url_duplicate"]
    assert rejected(loaded)[0].problem.column == "Image 2"


@pytest.mark.parametrize(
    "text",
    [
        "https://www.gifts.example/1.jpg",
        "https://img.pngtree.com/2.jpg",
        "https://cdn.example.com/mug.jpg-v1.2/5.jpg",
        "https://a.example/i.jpg?crop=(10,20)",
        "https://a.example/mug_(1)",
        "https://a.example/resize/300/https://b.example/1.jpg?x=(1)",
        "https://a.example/cache/abc123http://b.example/b.jpg",
    ],
)
def test_unusual_addresses_stay_whole(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, f"Type\tSKU\tImages\tParent\nsimple\tA\t{text}\t\n")
    assert [row.sent_url for row in image_rows(path)] == [text]
    plain = written(tmp_path, f"SKU\tImage\nA\t{text}\n")
    assert [row.sent_url for row in image_rows(plain)] == [text]


@pytest.mark.parametrize("behind", [";/img/2.jpg", ", /2.png", "|/a/b/2.webp", ") back"])
def test_what_stands_behind_an_address_is_no_part_of_it(tmp_path: Path, behind: str) -> None:
    loaded = load(written(tmp_path, f"SKU\tImage URL\nA\thttps://a.example/1.jpg{behind}\n"))
    assert [row.problem.code for row in rejected(loaded)] == ["url_invalid"]
