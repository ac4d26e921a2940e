"""Which column is which: names in many languages, numbered families, the person's word, and what is never guessed."""

from pathlib import Path

import pytest

from importer.loader import load
from importer.loader.headers import image_header, squash
from tests.loader.sheets import URL, asked, image_rows, images, rejected, written


@pytest.mark.parametrize(
    "header",
    [
        "Image URL", " image-url ",
        "IMAGE_URL", "ImageUrl", "Image Src", "image link", "Image", "images", "Picture URL",
        "Photo", "img", "productImageUrl", "Product Image URL", "Main Image", "primary_image", "image.url", "media url",
        "assets",
        "Input Image Urls", "Front Image", "Image Source URL", "Link to image", "Variant Image", "Image 1",
        "IMAGE1", "Product Image File - 1", "image_1_url", "additional_image_link", "Bild-URL", "Bild", "Bilder",
        "Produktbild", "Hauptbild", "Foto", "Lien image", "URL de l'image", "URL image", "Images du produit", "Imagen",
        "URL de la imagen", "Imagen principal", "Immagine", "URL immagine", "Imagem", "Afbeelding", "Afbeelding URL",
        "Billede", "Bilde", "Kuva", "Zdjęcie", "Zdjęcie główne", "Obrázek", "Kép", "Изображение", "Фото", "Картинка",
        "Ссылка на изображение",
    ],
)  # fmt: skip
def test_image_columns(tmp_path: Path, header: str) -> None:
    loaded = load(written(tmp_path, f"SKU;{header}\nA;{URL}\n"))
    assert loaded.sheets[0].columns == {"sku": "SKU", "image_url": header.strip()}


@pytest.mark.parametrize(
    "header",
    [
        "link", "URL", "Product URL", "Product Page", "video[0].url", "Download 1 URL", "Product Image ID - 1",
        "Image ID",
        "BIS Certificate Image URL", "Image Is Thumbnail", "Image Width",
        "Image Count", "Swatch image", "thumbnail_image",
        "Image Alt Text", "Imprint", "Manual",
    ],
)  # fmt: skip
def test_columns_that_only_look_like_it(header: str) -> None:
    assert image_header(header) is None


@pytest.mark.parametrize(
    "header",
    [
        "SKU", "sku ",
        "Product SKU", "Product Code/SKU", "Item SKU", "Variant SKU", "Artikelnummer", "Artikel-Nr.",
        "Art.-Nr.", "Bestellnummer", "Référence", "Réf. produit", "Code article", "Referencia", "Código de producto",
        "Codice articolo", "Referência", "Artikelcode", "Varenummer", "Tuotenumero", "Kod produktu", "Kód produktu",
        "Cikkszám", "Артикул", "Код товара", "Item #", "Part Number", "Model #", "vendorSkuCode", "Reference #",
    ],
)  # fmt: skip
def test_sku_columns(tmp_path: Path, header: str) -> None:
    loaded = load(written(tmp_path, f"{header};Bild\n00123;{URL}\n"))
    assert loaded.sheets[0].columns["sku"] == header.strip()
    assert [row.sku for row in images(loaded)] == ["00123"]


@pytest.mark.parametrize(
    "header", ["Product ID", "product_id", "ProductID", "Produkt-ID", "ID produit", "BC Product ID"]
)
def test_product_id_columns(tmp_path: Path, header: str) -> None:
    assert [row.product_id for row in image_rows(written(tmp_path, f"{header};Bild\n111;{URL}\n"))] == [111]


def test_names_are_compared_without_accents_case_and_punctuation() -> None:
    assert squash("  Réf. Produit_") == squash("REF-PRODUIT") == "refproduit"
    assert squash("Größe") == squash("GROESSE".replace("OE", "Ö"))


def test_a_numbered_family_is_taken_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"SKU,Image 2,Image 10,Image 1,Alt 1,Alt 2\nA,{URL}?2,{URL}?10,{URL}?1,first,second\nB,,{URL}?10,n/a,,\n",
    )
    rows = image_rows(path)
    assert asked(rows) == [
        (2, "A", "x.jpg?1"),
        (2, "A", "x.jpg?2"),
        (2, "A", "x.jpg?10"),
        (3, "B", "x.jpg?10"),
    ]
    assert [row.description for row in rows] == ["first", "second", "", ""]


def test_a_main_picture_and_further_ones(tmp_path: Path) -> None:
    """The main one first whatever the order of the columns, and one repeated among the others only once."""
    path = written(
        tmp_path,
        "additional_images,SKU,main_image,Sort Order,Is Thumbnail,Alt text\n"
        f'"{URL}?1, {URL}?2|{URL}?3",A,{URL}?1,4,yes,Mug\n',
    )
    rows = image_rows(path)
    assert asked(rows) == [(2, "A", "x.jpg?1"), (2, "A", "x.jpg?2"), (2, "A", "x.jpg?3")]
    assert [row.sort_order for row in rows] == [4, None, None]
    assert [row.is_thumbnail for row in rows] == [True, None, None]
    assert [row.description for row in rows] == ["Mug", "Mug", "Mug"]


def test_the_address_wins_over_the_file_name_beside_it(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Image File 1,Image URL 1,Image File 2,Image URL 2\nA,a.jpg,{URL}?1,b.jpg,{URL}?2\n")
    assert asked(image_rows(path)) == [(2, "A", "x.jpg?1"), (2, "A", "x.jpg?2")]


def test_a_picture_column_without_addresses_is_no_picture_column(tmp_path: Path) -> None:
    """`Images` counts them here, and `Thumbnail` is a small picture's address and no yes or no."""
    path = written(tmp_path, f"SKU,Images,Photo,Thumbnail\nA,3,{URL}?1,{URL}?t\nB,0,{URL}?2,{URL}?u\n")
    rows = image_rows(path)
    assert asked(rows) == [(2, "A", "x.jpg?1"), (3, "B", "x.jpg?2")]
    assert [row.is_thumbnail for row in rows] == [None, None]


@pytest.mark.parametrize(("more", "taken"), [("", "Description"), (",Price", ""), (",Weight,Brand", "")])
def test_a_description_is_the_pictures_only_in_a_sheet_of_pictures(tmp_path: Path, more: str, taken: str) -> None:
    loaded = load(written(tmp_path, f"SKU,Image URL,Description{more}\nA,{URL},words\n"))
    assert loaded.sheets[0].columns.get("description", "") == taken


def test_duplicate_headers_are_kept_apart(tmp_path: Path) -> None:
    assert asked(image_rows(written(tmp_path, f"SKU,Image,Image\nA,{URL}?1,{URL}?2\n"))) == [
        (2, "A", "x.jpg?1"),
        (2, "A", "x.jpg?2"),
    ]


def test_an_empty_column_is_not_the_key(tmp_path: Path) -> None:
    """`SKU` is there but empty in every row; `Item Number` names the products."""
    path = written(tmp_path, f"SKU,Item Number,Image\n,I-1,{URL}?1\n,I-2,{URL}?2\n")
    assert [row.sku for row in image_rows(path)] == ["I-1", "I-2"]


def test_the_header_may_lie_below_titles_and_blank_lines(tmp_path: Path) -> None:
    text = f"Spring catalogue;;\nAll prices in EUR, see https://a.example/terms;;\n;;\n\nSKU;Bild;Alt text\nA;{URL};x\n"
    loaded = load(written(tmp_path, text))
    assert (loaded.sheets[0].header_row, loaded.rows[0].row) == (5, 6)


def test_columns_numbered_under_a_group_title(tmp_path: Path) -> None:
    """Two header rows: `Images` over the numbers 1 to 3."""
    text = f",,Images,,\nSKU,Name,1,2,3\nA,Mug,{URL}?1,{URL}?2,\n"
    loaded = load(written(tmp_path, text))
    assert loaded.sheets[0].columns["image_url"] == "Images 1, Images 2, Images 3"
    assert asked(images(loaded)) == [(3, "A", "x.jpg?1"), (3, "A", "x.jpg?2")]


def test_a_sheet_of_sentences_is_no_header(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, f"Put the image URL into column B,see below\nSKU,Image URL\nA,{URL}\n"))
    assert loaded.sheets[0].header_row == 2
    assert rejected(loaded) == []


@pytest.mark.parametrize(
    "header",
    [
        "Main Image,Image URL", "Photo,Image Link", "Front Image,Detail Image Link", "main_image,Gallery",
        "Image URL,Media", "Image 1 (main),Image 2 (max 255 chars)",
    ],
)  # fmt: skip
def test_no_column_full_of_addresses_is_passed_over(tmp_path: Path, header: str) -> None:
    path = written(tmp_path, f"SKU,{header}\nA,{URL}?1,{URL}?2\n")
    assert sorted(row.sent_url[-1] for row in image_rows(path)) == ["1", "2"]


def test_what_stands_in_the_cells_decides_between_two_names(tmp_path: Path) -> None:
    assert asked(image_rows(written(tmp_path, f"SKU,Image,Image URL\nA,{URL},\n"))) == [(2, "A", "x.jpg")]


def test_columns_with_pictures_that_are_not_read_are_told(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, f"SKU,Image,Spin view\nA,{URL}?1,{URL}?2\n"))
    assert any("also stand in Spin view." in note for note in loaded.notes)


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ("Image,Alt,Image,Alt", ["one", "two"]),
        ("Image 1,Alt Text 1,Image 2,Alt Text 2", ["one", "two"]),
        ("Image 1,Image 1 Alt,Image 2,Image 3 Alt", ["one", ""]),
        ("Main Image,Main Image Alt,Image 2,Alt text for image 2", ["one", "two"]),
        ("Image Front,Image Back Alt,Image Back,Image Front Alt", ["two", "one"]),
        ("Image 1,Alt 1,Additional Image 1,Additional Image 1 Alt", ["one", "two"]),
        ("Image 1,Alt 1,Additional Image 1,Note", ["one", ""]),
    ],
)
def test_alt_texts_go_to_their_own_picture(tmp_path: Path, header: str, texts: list[str]) -> None:
    path = written(tmp_path, f"SKU,{header}\nA,{URL}?1,one,{URL}?2,two\n")
    assert [row.description for row in image_rows(path)] == texts


def test_a_products_html_is_no_alt_text(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Name,Description,Image URL\nA,Mug,<p>A <b>mug</b></p>,{URL}\n")
    assert image_rows(path)[0].description == ""


@pytest.mark.parametrize(
    "header", ["SKU (required)", "Custom label (SKU)", "Style No.", "Référence n°", "Merchant SKU"]
)
def test_headers_with_remarks(tmp_path: Path, header: str) -> None:
    assert image_rows(written(tmp_path, f"{header},Image URL (required)\nA,{URL}\n"))[0].sku == "A"


def test_a_flag_written_as_a_number_is_no_address(tmp_path: Path) -> None:
    (row,) = image_rows(written(tmp_path, f"SKU,Image URL,Thumbnail\nA,{URL},1.0\n"))
    assert row.is_thumbnail is True


def test_alt_texts_stand_beside_their_pictures(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Image,Alt,Image,Alt,Image\nA,{URL}?1,one,{URL}?2,two,{URL}?3\n")
    assert [row.description for row in image_rows(path)] == ["one", "two", ""]


@pytest.mark.parametrize("header", ["Cover", "Position"])
def test_a_column_that_only_sounds_like_it_rejects_nothing(tmp_path: Path, header: str) -> None:
    rows = "".join(f"S{n},{URL}?{n},left side\n" for n in range(5))
    assert len(image_rows(written(tmp_path, f"SKU,Image URL,{header}\n{rows}"))) == 5
