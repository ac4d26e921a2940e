"""Several addresses in one cell: the same ones come out, whatever stands between them, and never one made of two."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.loader import load
from importer.loader.address_lists import addresses, found_in
from tests.loader.sheets import image_rows, images, rejected, written

ONE, TWO = "https://a.example/p/1.jpg", "https://b.example/2.png?v=2"
SEPARATORS = (
    *(",", ";", "|", " ", "\n", "\r\n", "\t", ", ", " ; ", " | ", ",\n", ";;", "||", "&&", " && ", "///", " / ", "#"),
    *("<br>", "<br/>", "<br />\n", "<BR>", "</p><p>", "\uff0c", "\u3001", "\uff1b", "\uff5c", r"\n", r"\r\n", r"\|"),
    *(" and ", " und ", " et ", " y ", " e ", " AND ", ", and ", " & ", " + ", " - ", " \u2013 ", " \u2022 ", " * "),
    *("%0A", "%2C", "%7C", '","', "', '", '" "', "> <", ")(", "] [", "\u00a0", " => ", "\\", " or ", ", N/A, ", ",,"),
)
"""What may stand between any two addresses."""
BEHIND_PICTURES = ("/", "~", "**", "-->", "$", "^", "::", "_-_", "=", " Back view: ", ": ", " (2) ", "\u2192", ".", "")
"""What may stand between two where the first one ends as pictures' names do."""
_NAME = st.text("abcXYZ019-_~()'!,.", min_size=1, max_size=8).filter(lambda text: text[-1] not in "-_~('!,.)")
_HOSTS = st.sampled_from(
    ["https://a.example", "http://img.b-c.example:8080", "HTTPS://D.example", "https://\u00fc.example"]
)
_QUERIES = st.sampled_from(["", "?v=1", "?w=100&h=20", "?q=a,b", "?u=https://o.example/x.jpg", "?sig=abc=="])
_PICTURES = st.builds(
    lambda host, folders, name, ending, query: f"{host}/{''.join(f'{one}/' for one in folders)}{name}.{ending}{query}",
    _HOSTS,
    st.lists(_NAME.map(lambda text: text.replace(".", "-")), max_size=2),
    _NAME,
    st.sampled_from(["jpg", "JPEG", "png", "gif", "webp"]),
    _QUERIES,
)
_OTHERS = st.builds(
    lambda host, name, query: f"{host}/{name}{query}",
    _HOSTS,
    st.sampled_from(["get", "fetch/https://o.example/a.jpg", "w_100,h_20/mug", "i/(a)", "photo/300x300"]),
    st.sampled_from(["?id=1", "?id=2&size=big", "?u=https://o.example/x", "/7"]),
)
steady = settings(derandomize=True, deadline=None, max_examples=100)


@given(
    found=st.lists(_PICTURES | _OTHERS, min_size=1, max_size=5),
    separators=st.lists(st.sampled_from(SEPARATORS), min_size=4, max_size=4),
    ends=st.tuples(
        st.sampled_from(["", " ", "\n", '"', "[", "<"]), st.sampled_from(["", " ", ",", "\n", '"', "]", ";"])
    ),
)
@steady
def test_the_same_addresses_come_out(found: list[str], separators: list[str], ends: tuple[str, str]) -> None:
    cell = found[0] + "".join(between + one for between, one in zip(separators, found[1:], strict=False))
    assert addresses(ends[0] + cell + ends[1]) == found


@given(
    found=st.lists(_PICTURES.filter(lambda text: "?" not in text), min_size=2, max_size=4),
    separators=st.lists(st.sampled_from(SEPARATORS + BEHIND_PICTURES), min_size=3, max_size=3),
)
@steady
def test_behind_a_pictures_ending_anything_may_stand(found: list[str], separators: list[str]) -> None:
    cell = found[0] + "".join(between + one for between, one in zip(separators, found[1:], strict=False))
    assert addresses(cell) == found


@given(
    st.lists(st.sampled_from([ONE, TWO, "https://", "http:/", *SEPARATORS, *BEHIND_PICTURES, "x", "a.jpg", "(", "?u="]))
)
@steady
def test_what_came_out_stays_as_it_is(parts: list[str]) -> None:
    """A layout takes a cell apart, and its pieces are looked at once more before they are sent."""
    for one in addresses("".join(parts)):
        assert addresses(one) == [one] or "://" not in one


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'["{ONE}"]', [(ONE, "")]),
        (f'["{ONE}", "{TWO}"]', [(ONE, ""), (TWO, "")]),
        (f"['{ONE}', '{TWO}']", [(ONE, ""), (TWO, "")]),
        (f"('{ONE}', '{TWO}')", [(ONE, ""), (TWO, "")]),
        (f"['{ONE}', None]", [(ONE, "")]),
        (r'["https:\/\/a.example\/p\/1.jpg","https:\/\/b.example\/2.png?v=2"]', [(ONE, ""), (TWO, "")]),
        (r"['https:\/\/a.example\/p\/1.jpg']", [(ONE, "")]),
        (r"https:\/\/a.example\/p\/1.jpg,https:\/\/b.example\/2.png?v=2", [(ONE, ""), (TWO, "")]),
        (f'[{{"src":"{ONE}","alt":"Front"}},{{"src":"{TWO}","alt":"Back"}}]', [(ONE, "Front"), (TWO, "Back")]),
        (f"[{{'url': '{ONE}', 'alt_text': 'Front'}}, {{'url': '{TWO}'}}]", [(ONE, "Front"), (TWO, "")]),
        (f'{{"images":[{{"id":7,"imageUrl":"{ONE}","thumbnails":{{"url":"{TWO}"}}}}]}}', [(ONE, "")]),
        (f'{{"main":"{ONE}","gallery":["{TWO}"],"note":"blue"}}', [(ONE, ""), (TWO, "")]),
        (f"[{{src:'{ONE}'}},{{src:'{TWO}'}}]", [(ONE, ""), (TWO, "")]),
        (f'a:2:{{i:0;s:25:"{ONE}";i:1;s:27:"{TWO}";}}', [(ONE, ""), (TWO, "")]),
        (f"{{{ONE},{TWO}}}", [(ONE, ""), (TWO, "")]),
        ('["/m/1.jpg","2.jpg"]', [("/m/1.jpg", ""), ("2.jpg", "")]),
        ("[4093]", [("4093", "")]),
        *((text, []) for text in ("[]", "{}", "[ ]", '[""]', "[null]", "[None]", "a:0:{}", '""', "[[]]", ",", "null")),
    ],
)
def test_lists_as_programs_write_them(text: str, found: list[tuple[str, str]]) -> None:
    assert found_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'<img src="{ONE}">', [(ONE, "")]),
        (f"<IMG alt='Front' SRC={ONE} />", [(ONE, "Front")]),
        (f'<p><img src="{ONE}"/> <img width=1 src="{TWO}" alt="Back"></p>', [(ONE, ""), (TWO, "Back")]),
        (f'<img src="data:image/gif;base64,AA" data-src="{ONE}">', [(ONE, "")]),
        (f'<a href="{ONE}"><img src="https://a.example/thumbs/1.jpg"></a>', [(ONE, "")]),
        (f'<a href="https://a.example/mug"><img src="{ONE}"></a>', [(ONE, "")]),
        (f'<a href="{ONE}">Front</a>, <a href="{TWO}">Back</a>', [(ONE, ""), (TWO, "")]),
        (f"![Front]({ONE})", [(ONE, "Front")]),
        (f'![Front]({ONE} "Mug") ![]({TWO})', [(ONE, "Front"), (TWO, "")]),
        (f"[![Front]({ONE})](https://a.example/mug)", [(ONE, "Front")]),
        (f"[front]({ONE}) and [back]({TWO})", [(ONE, ""), (TWO, "")]),
        ("![](https://a.example/mug_(1).jpg)", [("https://a.example/mug_(1).jpg", "")]),
        (f"[img]{ONE}[/img][img]{TWO}[/img]", [(ONE, ""), (TWO, "")]),
        (f"url('{ONE}')", [(ONE, "")]),
        (f"<{ONE}>", [(ONE, "")]),
        (f"{ONE} ! alt : Front ! title : x | {TWO} ! alt : ", [(ONE, "Front"), (TWO, "")]),
    ],
)
def test_markup_shows_or_leads_to_pictures(text: str, found: list[tuple[str, str]]) -> None:
    assert found_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"[1] {ONE} [2] {TWO}", [ONE, TWO]),
        (f"1. {ONE}\n2. {TWO}", [ONE, TWO]),
        (f"Front: {ONE}, back: {TWO}", [ONE, TWO]),
        (f"\u2022 {ONE}\n\u2022 {TWO}", [ONE, TWO]),
        (f"N/A, {ONE}", [ONE]),
        (f"/{ONE}", [ONE]),
        ("//a.example/1.jpg,//b.example/2.jpg", ["//a.example/1.jpg", "//b.example/2.jpg"]),
        (f"{ONE}, www.b.example/2.jpg", [ONE, "www.b.example/2.jpg"]),
        (f"{ONE}, ttps://b.example/2.jpg", [ONE, "ttps://b.example/2.jpg"]),
        (f"{ONE}; ftp://b.example/2.jpg", [ONE, "ftp://b.example/2.jpg"]),
        (f"/m/0.jpg, {ONE}", ["/m/0.jpg", ONE]),
        (r"https:\\a.example\1.jpg;https:\\b.example\2.jpg", [r"https:\\a.example\1.jpg", r"https:\\b.example\2.jpg"]),
        ("1.jpg\uff0c2.jpg", ["1.jpg", "2.jpg"]),
        ("a, b.jpg", ["a, b.jpg"]),
        (r"C:\pics\1.jpg;C:\pics\2.jpg", [r"C:\pics\1.jpg", r"C:\pics\2.jpg"]),
    ],
)
def test_what_stands_before_and_between(text: str, found: list[str]) -> None:
    assert addresses(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/fetch/https://o.example/a.jpg",
        "https://a.example/p/1.jpg?u=https://o.example/a.jpg",
        "https://a.example/p/1.jpg?w=1&u=https://o.example/a.jpg",
        "https://a.example/?https://o.example/a.jpg",
        "https://a.example/resize.jpg/fetch/https://o.example/a.jpg",
        "https://a.example/unsafe/filters:watermark(https://o.example/w.png,0,0)/https://o.example/a.jpg",
        "https://web.archive.org/web/2020im_/https://o.example/a.jpg",
        "https://i0.wp.example/o.example/a.jpg?ssl=1",
        "/cdn-cgi/image/width=100/https://o.example/a.jpg",
        "https://https://a.example/1.jpg",
        "hhttps://a.example/1.jpg",
        "blob:https://a.example/1.jpg",
        '=HYPERLINK("https://a.example/1.jpg","https://a.example/1.jpg")',
        "https://a.example/1.jpg 400w, https://a.example/2.jpg 800w",
    ],
)
def test_one_address_that_holds_another_stays_one(text: str) -> None:
    assert addresses(text) == [text]


@pytest.mark.parametrize(
    ("layout", "header"),
    [
        ("bigcommerce-v3", "Item,ID,SKU,Image URL (Import)"),
        ("bigcommerce-v2", "Item Type,Product ID,Product Code/SKU,Product Image URL - 1"),
        ("shopify", "Handle,Title,Variant SKU,Image Src"),
        ("woocommerce", "Type,SKU,Published,Images"),
        ("magento2", "sku,product_type,name,base_image"),
        ("squarespace", "Product ID [Non Editable],SKU,Title,Hosted Image URLs"),
        ("wix", "handleId,sku,fieldType,productImageUrl"),
        ("prestashop", 'Product ID,Reference #,Name *,"Image URLs (x,y,z...)"'),
        ("google-merchant", "id,title,link,image_link"),
        ("plain", "SKU,Name,Price,Image URL"),
    ],
)
@pytest.mark.parametrize("between", ["&&", "<br>", "///", "#", "\uff0c", r"\n", " and ", "~"])
def test_no_layout_sends_two_addresses_as_one(tmp_path: Path, layout: str, header: str, between: str) -> None:
    """Where a layout's cell has room for one picture alone, two in it are a problem."""
    row = {"Item": "Product", "Item Type": "Product", "Type": "simple", "fieldType": "Product"}
    cells = [row.get(name, "7") for name in header.split(",")[:3]]
    line = ",".join([*cells, f"https://a.example/1.jpg{between}https://a.example/2.jpg"])
    loaded = load(written(tmp_path, f"{header}\n{line}\n"))
    assert loaded.layout == layout
    sent = [row.sent_url for row in images(loaded)]
    assert sent == ["https://a.example/1.jpg", "https://a.example/2.jpg"] or (
        not sent and [row.problem.code for row in rejected(loaded)] == ["url_invalid"]
    )


def test_of_several_sizes_the_largest_is_taken(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "sku,image\nA,https://a.example/1.jpg 800w\n"
        'B,"https://a.example/1.jpg 400w, https://a.example/2.jpg 800w, https://a.example/3.jpg 600w"\n',
    )
    assert [(row.sku, row.sent_url) for row in image_rows(path)] == [
        ("A", "https://a.example/1.jpg"),
        ("B", "https://a.example/2.jpg"),
    ]


@pytest.mark.parametrize(
    "text", ["https://a.example/1.jpg Front view", "https://a.example/1.jpg (1)", "https://a.example/1.jpg; 2.jpg"]
)
def test_words_behind_an_address_are_never_sent(tmp_path: Path, text: str) -> None:
    (trouble,) = rejected(load(written(tmp_path, f"sku,image\nA,{text}\n")))
    assert trouble.problem.code == "url_invalid"
    assert "stands behind the address" in trouble.problem.detail
    assert "https://a.example/1.jpg," in trouble.problem.fix


@pytest.mark.parametrize("text", ["4093-4094", "see catalogue", "[]", "N/A", ",", "<>", "[4093]", "no_selection"])
def test_a_filled_cell_is_never_called_empty(tmp_path: Path, text: str) -> None:
    (trouble,) = rejected(load(written(tmp_path, f'SKU,Image\nA,"{text}"\n')))
    assert trouble.problem.code in {"url_invalid", "url_missing"}
    assert text.strip("[]") in trouble.problem.detail
    assert "has no image address" not in trouble.problem.detail


def test_codes_under_several_headers_alike_are_told(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, "SKU,Images,Images,Images\nM1,4093-4094,,\nM2,,4095,\nM3,,,\n"))
    assert [(row.sku, row.problem.code) for row in rejected(loaded)] == [
        ("M1", "url_invalid"),
        ("M2", "url_invalid"),
        ("M3", "url_missing"),
    ]
    assert "4093-4094" in rejected(loaded)[0].problem.detail


def test_a_name_beside_an_empty_address_is_told(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, f"SKU,Image URL,Image File\nM1,{ONE},1.jpg\nM2,,2.jpg\n"))
    assert [row.sku for row in images(loaded)] == ["M1"]
    (trouble,) = rejected(loaded)
    assert (trouble.sku, trouble.problem.code) == ("M2", "url_invalid")
    assert "2.jpg" in trouble.problem.detail
    assert "Image File" in trouble.problem.fix


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"1.jpg ({ONE}),2.png ({TWO})", [ONE, TWO]),
        (f"front.jpg ({ONE})", [ONE]),
        (f"mug (1).jpg ({ONE}), mug (2).jpg ({TWO})", [ONE, TWO]),
        ("a.jpg (https://a.example/v3/u/29/Xy_z),b.jpg (https://a.example/v3/u/29/Qr_s)",
         ["https://a.example/v3/u/29/Xy_z", "https://a.example/v3/u/29/Qr_s"]),
        (f"1.jpg ({ONE});\n2.png (https://a.example/p/mug_(2).png)", [ONE, "https://a.example/p/mug_(2).png"]),
        (f"Red, large.jpg ({ONE}),2.png ({TWO})", [ONE, TWO]),
    ],
)  # fmt: skip
def test_file_names_with_their_addresses_in_brackets(text: str, found: list[str]) -> None:
    """As Airtable exports attachments."""
    assert addresses(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'[{{"small": "{TWO}", "large": "{ONE}"}}]', [(ONE, "")]),
        (f'[{{"url_standard": "{TWO}", "url_zoom": "{ONE}", "description": "Front"}}]', [(ONE, "Front")]),
        (f'{{"thumb": "{TWO}", "full": "{ONE}", "id": 7}}', [(ONE, "")]),
        (f'{{"large": "{ONE}", "back": "{TWO}"}}', [(ONE, ""), (TWO, "")]),
    ],
)
def test_the_sizes_of_one_picture_are_one_picture(text: str, found: list[tuple[str, str]]) -> None:
    assert found_in(text) == found
