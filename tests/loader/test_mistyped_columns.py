"""A sheet whose header is nearly right is answered with the half that is missing and the column that was meant."""

from pathlib import Path

import pytest

from importer.errors import FileError
from importer.loader import load
from tests.loader.sheets import URL, image_rows, mapping, workbook, written


def refusal(path: Path, *maps: str) -> str:
    """What the person is told of a file that cannot be used."""
    with pytest.raises(FileError) as caught:
        load(path, mapping(*maps))
    return str(caught.value)


@pytest.mark.parametrize(
    ("header", "fault", "remedy"),
    [
        (
            "SKU;Imge URL",
            "names the product in 'SKU', but no column has the pictures' addresses. Headers seen: SKU, Imge URL.",
            "Did you mean 'Imge URL'? Then add --map image_url=\"Imge URL\".",
        ),
        (
            "Prodct ID;Image URL",
            "names pictures in 'Image URL', but no column names the product. Headers seen: Prodct ID, Image URL.",
            "Did you mean 'Prodct ID'? Then add --map product_id=\"Prodct ID\".",
        ),
        (
            "SKUU;Pictrue URL",
            "has no usable columns. Headers seen: SKUU, Pictrue URL.",
            "Did you mean 'SKUU' and 'Pictrue URL'? Then add --map sku=\"SKUU\" --map image_url=\"Pictrue URL\".",
        ),
    ],
    ids=["pictures", "product", "both"],
)
def test_a_mistyped_column_is_named_with_what_to_add(tmp_path: Path, header: str, fault: str, remedy: str) -> None:
    path = written(tmp_path, f"{header}\n1;{URL}\n")
    told = refusal(path)
    assert told == f"{path} {fault} {remedy}"
    answer = [part.strip().rstrip(".").replace('"', "") for part in told.split("--map")[1:]]
    assert len(image_rows(path, mapping(*answer))) == 1


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Artikelnumer,Bild-URL", 'sku="Artikelnumer"'),
        ("Image URL,Item nuber", 'sku="Item nuber"'),
        ('"Imge\n""URL""",SKU', 'image_url="Imge URL"'),
        ("Image ULR,SKU", 'image_url="Image ULR"'),
        ("SKU,Prodct Image", 'image_url="Prodct Image"'),
        ("Name,Imge,Product ID", 'image_url="Imge"'),
    ],
)
def test_names_of_many_kinds_are_recognised(tmp_path: Path, header: str, field: str) -> None:
    assert f"Then add --map {field}." in refusal(written(tmp_path, f"{header}\n1,{URL},3\n"))


@pytest.mark.parametrize(
    "header",
    [
        "SKU,Product name,Price",
        "SKU,Image ID,Image width,Image title",
        "SKU,Product URL,Video URL,Page",
        "Image URL,Product name,Product type,Item name",
        "Image URL,Products,Order ID,Stock,Colour",
        "Bild-URL,Produktname,Artikelname,Bestand",
        "Photo,Nombre del producto,Opis produktu",
    ],
)
def test_what_is_like_no_name_is_no_guess(tmp_path: Path, header: str) -> None:
    told = refusal(written(tmp_path, f"{header}\n1,{URL},3,4\n"))
    assert "Did you mean" not in told
    assert ("Name that column Image URL" in told) == header.startswith("SKU")
    assert ("Name that column Product ID or SKU" in told) != header.startswith("SKU")


def test_a_sheet_with_one_guess_and_nothing_else_is_told_what_a_sheet_has(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, f"Colour,Imge URL\nred,{URL}\n"))
    assert "Did you mean 'Imge URL'? Then add --map image_url=\"Imge URL\". A usable sheet has" in told


def test_what_was_named_with_map_is_not_missing(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, f"Mine,Imge URL\n1,{URL}\n"), "sku=Mine")
    assert "names the product in 'Mine', but no column has the pictures' addresses" in told
    assert 'Then add --map image_url="Imge URL".' in told


def test_a_title_above_the_header_does_not_hide_it(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, f"Our catalogue,,\n\nSKU,Imge URL,Colour\n1,{URL},red\n"))
    assert "Headers seen: SKU, Imge URL, Colour." in told
    assert "Did you mean 'Imge URL'?" in told


def test_of_several_sheets_the_one_that_is_nearly_right_is_told(tmp_path: Path) -> None:
    notes: list[list[object]] = [["What", "Who", "When", "Why"], ["a", "b", "c", "d"]]
    nearly: list[list[object]] = [["SKU", "Imge URL"], ["A", URL]]
    assert "Did you mean 'Imge URL'?" in refusal(workbook(tmp_path, {"Notes": notes, "Pictures": nearly}))


def test_a_nearly_right_sheet_beside_a_good_one_is_pointed_out(tmp_path: Path) -> None:
    good: list[list[object]] = [["SKU", "Image URL"], ["A", URL]]
    nearly: list[list[object]] = [["SKU", "Imge URL"], ["B", URL]]
    loaded = load(workbook(tmp_path, {"One": good, "Two": nearly}))
    assert (
        "The sheet 'Two' has no usable columns and was left out. Should its column 'Imge URL' be called Image URL?"
        in loaded.notes
    )


def test_of_several_sheets_the_one_that_has_the_column_of_map_is_told(tmp_path: Path) -> None:
    """Not the first one, in which that column is missing."""
    one: list[list[object]] = [["SKU", "Image URL"], ["A", URL]]
    two: list[list[object]] = [["Colour", "Imge URL"], ["red", URL]]
    told = refusal(workbook(tmp_path, {"One": one, "Two": two}), "image_url=Imge URL")
    assert "names pictures in 'Imge URL', but no column names the product" in told
