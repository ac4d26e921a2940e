"""WooCommerce's product export: several pictures in a cell, variations, and headers in the shop's language."""

from pathlib import Path

import pytest

from importer.loader import load
from tests.loader.sheets import asked, images, rejected, skipped, written

CDN = "https://cdn.example"
WP = "https://old.example/wp-content/uploads"


def test_woocommerce_splits_only_where_another_address_begins(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ID,Type,SKU,Name,Images,Parent\n"
        f'46,variation,MUG-RED,Mug,"{WP}/red.jpg",id:44\n'
        f'44,variable,MUG,Mug,"{WP}/a,b(1).jpg, {WP}/2.jpg,{WP}/3.jpg",\n'
        f'45,variation,,Mug,"{WP}/2.jpg",MUG\n'
        "47,variation,MUG-BLU,Mug,,MUG\n"
        "48,simple,CUP,Cup,,\n",
        encoding="utf-8-sig",
    )
    loaded = load(path)
    assert loaded.layout == "woocommerce"
    assert asked(images(loaded)) == [
        (2, "MUG-RED", "red.jpg"),
        (3, "MUG", "a,b(1).jpg"),
        (3, "MUG", "2.jpg"),
        (3, "MUG", "3.jpg"),
    ]
    assert [row.is_thumbnail for row in images(loaded)] == [False, True, False, False]
    assert [(row.row, row.problem.code) for row in rejected(loaded)] == [(4, "url_duplicate")]
    assert "row 3" in rejected(loaded)[0].problem.detail
    assert [row.row for row in skipped(loaded)] == [5, 6]


def test_woocommerce_pictures_joined_by_a_plugin(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Type,SKU,Images,Published\n"
        f"simple,MUG,{WP}/1.jpg ! alt : Mug front ! title : x | {WP}/2.jpg ! alt :  ! title : y,1\n",
    )
    assert [(row.sent_url, row.description) for row in images(load(path))] == [
        (f"{WP}/1.jpg", "Mug front"),
        (f"{WP}/2.jpg", ""),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "ID,Typ,Artikelnummer,Name,Veröffentlicht,Regulärer Preis,Bilder,Übergeordnetes Produkt",
        "ID,Type,UGS,Nom,Publié,Tarif régulier,Images,Parent",
        "ID,Tipo,SKU,Nombre,Publicado,Precio normal,Imágenes,Superior",
    ],
)
def test_woocommerce_in_the_shops_language(tmp_path: Path, header: str) -> None:
    path = written(tmp_path, f"{header}\n44,variable,MUG,Mug,1,3,{WP}/1.jpg,\n45,variation,,Mug,1,3,{WP}/2.jpg,id:44\n")
    loaded = load(path)
    assert loaded.layout == "woocommerce"
    assert asked(images(loaded)) == [(2, "MUG", "1.jpg"), (3, "MUG", "2.jpg")]


def test_a_variable_product_without_a_sku_takes_its_variations(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f'ID,Type,SKU,Images,Parent\n44,variable,,"{WP}/1.jpg, {WP}/2.jpg",\n45,variation,M-R,,id:44\n',
    )
    assert asked(images(load(path))) == [(2, "M-R", "1.jpg"), (2, "M-R", "2.jpg")]


def test_the_apostrophe_that_the_export_put_on_is_taken_off(tmp_path: Path) -> None:
    """Only before `= + - @`, and only here: in a plain sheet it may belong to the SKU."""
    path = written(
        tmp_path,
        "ID,Type,SKU,Published,Images,Parent\n"
        f"1,simple,'-5,1,{WP}/1.jpg,\n"
        f"2,simple,'+49-1,1,{WP}/2.jpg,\n"
        f"3,simple,'@home,1,{WP}/3.jpg,\n"
        f"4,simple,'872,1,{WP}/4.jpg,\n"
        f"5,variable,'=TEE1,1,{WP}/5.jpg,\n"
        f"6,variation,'=T\"S,1,{WP}/6.jpg,'=TEE1\n"
        f"7,variation,,1,{WP}/7.jpg,'=TEE1\n",
    )
    loaded = load(path)
    assert [row.sku for row in images(loaded)] == ["-5", "+49-1", "@home", "'872", "=TEE1", '=T"S', "=TEE1"]
    plain = load(written(tmp_path, f"SKU,Image URL\n'-5,{WP}/1.jpg\n=TEE1,{WP}/2.jpg\n"))
    assert [row.sku for row in images(plain)] == ["'-5"]
    assert [row.problem.code for row in rejected(plain)] == ["row_malformed"]
