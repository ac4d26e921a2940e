"""Which file names say which picture it is: by one that does not, nothing is taken to be in the store."""

import pytest

from importer.store import telling_names

_HOST = "https://cdn.shop.example"


@pytest.mark.parametrize(
    "path",
    [
        "get?id=1", "image.php", "index.aspx", "p/red-mug.php", "image/red-mug.jpg?id=7", "uc?export=view&id=ab",
        "1.jpg", "01.jpg", "12345.jpg", "2024-01-05_12-33.png", "4006381333931.jpg", "1%20(2).jpg",
        "IMG_0001.jpg", "DSC00012.JPG", "_MG_4711.jpg", "P1010023.jpg", "IMG-20240105-WA0003.jpg", "dscn1234_5.jpg",
        "image.jpg", "main.png", "photo.webp", "front.jpg", "default.jpg", "thumb.gif", "picture.jpg", "large.jpg",
        "product.jpg", "d%C3%A9faut.jpg", "Bild.jpg", "imagen.jpg", "immagine.jpg", "afbeelding.png", "kuva.jpg",
        "main-image_large.jpg", "product-image-2.jpg", "front-1024x1024.jpg", "image12345.jpg", "photo%20(3).jpg",
        "a/download", "view.jpg?file=red-mug", "red.jpg?v=front", "red.jpg?v=face", "red.jpg?front",
        "%D0%BA%D1%80%D1%83%D0%B6%D0%BA%D0%B0.jpg", "", "folder/",
    ],
)  # fmt: skip
def test_a_name_that_says_nothing(path: str) -> None:
    assert telling_names([f"{_HOST}/{path}"]) == {}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("red-mug.jpg", "red-mug"),
        ("a.jpg", "a"),
        ("a.jpg?v=1", "a"),
        ("files/mug-red.jpg?v=1612345678&width=1024", "mug-red"),
        ("mug-red_1024x1024.jpg?1612345678", "mug-red_1024x1024"),
        ("mug.jpg?X-Amz-Signature=abc&X-Amz-Expires=3600", "mug"),
        ("is/image/shop/red-mug?wid=500&hei=500&fmt=jpeg", "red-mug"),
        ("12345-front.jpg", "12345-front"),
        ("A-2.jpg", "a-2"),
        ("mug-1.jpg", "mug-1"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301.jpg", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("IMG_0001-red-mug.jpg", "img_0001-red-mug"),
        ("image.php/red-mug.jpg", "red-mug"),
    ],
)
def test_a_name_that_tells(path: str, name: str) -> None:
    assert telling_names([f"{_HOST}/{path}"]) == {f"{_HOST}/{path}": name}


def test_a_name_that_several_addresses_share_says_nothing_of_any_of_them() -> None:
    shared = [f"{_HOST}/front/mug.jpg", f"{_HOST}/back/mug.jpg", f"{_HOST}/back/mug.png"]
    once = f"{_HOST}/front/lamp.jpg"
    assert telling_names([*shared, once, once]) == {once: "lamp"}
    assert telling_names([f"{_HOST}/a.jpg?v=1", f"{_HOST}/a.jpg?id=2"]) == {}
    assert telling_names([f"{_HOST}/a.jpg?v=1", f"{_HOST}/a.jpg?v=2"]) == {}
