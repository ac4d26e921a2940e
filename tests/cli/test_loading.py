"""The spreadsheet's options on the command line, and what `preview` says of a file."""

import csv
import json
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.conftest import Program, results

CDN = "https://images.alpine-outfitters.example/products"


def shopify(program: Program) -> Path:
    return program.sheet(
        [
            ["mug", "MUG-BLK", f"{CDN}/mug-black-front.jpg", 1, "Front"],
            ["mug", "", f"{CDN}/mug-black-handle.jpg", 2, ""],
            ["mug", "MUG-RED", "", "", ""],
            ["cup", "", "cup.jpg", 1, ""],
        ],
        name="export.csv",
        header="Handle,Variant SKU,Image Src,Image Position,Image Alt Text",
    )


def test_preview_says_all_that_was_understood(program: Program) -> None:
    done = program.run("preview", shopify(program))
    assert done.returncode == 0, done.stderr
    for words in (
        "export.csv: 4 rows, 2 pictures for 1 product.",
        "Read as CSV, encoding utf-8, delimiter comma.",
        "Header in row 1, 4 rows of data. Layout: shopify, told by the columns Handle, Image Src and Variant SKU.",
        "  sku          <- Variant SKU",
        "matched by their SKU alone (the column Variant SKU)",
        f"SKU MUG-BLK  {CDN}/mug-black-front.jpg",
        "Problems: 1",
        "1 product_missing (row 5): The row has no SKU, and no other row of its product has one either. Fill in the ",
        "Nothing to do for 1 row:",
    ):
        assert words in done.stdout


@pytest.mark.long
def test_preview_says_how_to_mend_a_problem_and_names_each_row_once(program: Program) -> None:
    sheet = program.sheet([["A", "/a.jpg|/b.jpg"], ["B", f"{CDN}/c.jpg"]], header="SKU,Images")
    told = program.run("preview", sheet).stdout
    assert "2 url_invalid (row 2): “/a.jpg” is only part of a web address" in told
    assert "If the beginning is the same in every row, name it with --base-url https://…" in told
    sheet = program.sheet([["A", f"/{number}.jpg"] for number in range(10)], header="SKU,Images")
    assert "10 url_invalid (rows 2, 3, 4, 5, 6, 7, 8, 9, …): " in program.run("preview", sheet).stdout


def test_preview_json_has_every_row(program: Program) -> None:
    told = json.loads(program.run("preview", shopify(program), "--json").stdout)
    assert told["layout"] == "shopify"
    assert [(row["row"], row["sku"], row["is_thumbnail"]) for row in told["rows"]] == [
        (2, "MUG-BLK", True),
        (3, "MUG-BLK", False),
    ]
    assert [(one["row"], one["code"]) for one in told["problems"]] == [(5, "product_missing")]


def test_the_options_reach_the_loader(program: Program) -> None:
    path = program.folder / "rows.txt"
    path.write_bytes(f"Größe~/mug-black-front.jpg~{'x' * 3}\n".encode("cp1252"))
    done = program.run(
        "preview", path, "--json", "--no-header", "--map", "sku=A", "--map", "image_url=B", "--encoding", "cp1252",
        "--delimiter", "~", "--base-url", CDN,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert (row["row"], row["sku"], row["image_url"]) == (1, "Größe", "/mug-black-front.jpg")
    done = program.run("preview", shopify(program), "--layout", "plain", "--map", "sku=Handle", "--delimiter", "comma")
    assert "Layout: plain" in done.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--map", "price=Price"), "--map takes FIELD=COLUMN"),
        (("--map", "sku=Colour"), "There is no column 'Colour'"),
        (("--layout", "shopware"), "There is no layout 'shopware'"),
        (("--only", "http_notfound"), "Did you mean http_not_found?"),
        (("--encoding", "klingon"), "--encoding klingon is not known"),
        (("--delimiter", "abc"), "--delimiter takes one character"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_nothing_is_sent(
    program: Program, options: tuple[str, ...], message: str
) -> None:
    done = program.run("preview", shopify(program), *options)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_foreign_export_goes_all_the_way(program: Program) -> None:
    """Every row ends in the report; a row that asks for nothing does not stand in the way of a clean end."""
    path = program.sheet(
        [
            ["mug", "MUG-BLK", f"{CDN}/mug-black-front.jpg", 1],
            ["mug", "", f"{CDN}/mug-black-handle.jpg", 2],
            ["mug", "MUG-BLK", "", ""],
        ],
        header="Handle,Variant SKU,Image Src,Image Position",
    )
    done = program.run("run", path, "--sandbox")
    assert done.returncode == 0, done.stderr
    assert (
        "rows.csv: layout shopify, sku <- Variant SKU; image_url <- Image Src; sort_order <- Image Position"
        in done.stderr
    )
    assert "All 2 pictures are in the store; 1 row asks for nothing." in done.stdout
    lines = results(program.folder / "rows-results")
    assert [(line["row"], line["status"], line["code"]) for line in lines] == [
        ("2", "uploaded", ""),
        ("3", "uploaded", ""),
        ("4", "skipped", ""),
    ]
    assert lines[2]["detail"].startswith("The row is a variant without a picture")


def test_one_row_with_several_pictures_has_a_line_for_each(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet(
        [["SKU-1", f"{pictures}/a.jpg, {pictures}/b.jpg"], ["SKU-2", f"{pictures}/c.jpg"]], header="SKU,Images"
    )
    done = program.run("run", sheet, "--allow-private", sandbox=store)
    assert done.returncode == 0, done.stderr
    assert [line["row"] for line in results(program.folder / "rows-results")] == ["2", "2", "3"]


def test_bad_lines_are_mended_in_the_results_and_run_again(program: Program, store: Sandbox, pictures: str) -> None:
    """What is in the store is left out, and the journal and the report are carried on: one total over all rounds."""
    sheet = program.sheet(
        [["SKU-1", f"{pictures}/a.jpg"], ["SKU-2", f"{pictures}/b.jpg"], ["SKU-3", "nonsense"]],
        header="SKU,Image URL",
    )
    assert program.run("run", sheet, "--allow-private", sandbox=store).returncode == 3
    path = program.folder / "rows-results" / "results.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    lines[2][header.index("image_url")] = f"{pictures}/c.jpg"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    done = program.run("run", path, "--allow-private", "--only", "url_invalid", sandbox=store)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(line["row"], line["status"]) for line in results(path.parent)] == [
        ("2", "uploaded"),
        ("3", "uploaded"),
        ("4", "uploaded"),
    ]
    assert "All 3 pictures are in the store." in done.stdout
    assert not (path.parent / "results-results").exists()


def test_a_rehearsals_results_hold_no_made_up_ids(program: Program) -> None:
    sheet = program.sheet([["MUG-BLK", f"{CDN}/mug-black-front.jpg"]], header="SKU,Image URL")
    assert program.run("run", sheet, "--sandbox").returncode == 0
    path = program.folder / "rows-results" / "results.csv"
    assert [(line["product_id"], line["status"]) for line in results(path.parent)] == [("", "uploaded")]
    assert "results of a rehearsal" in program.run("preview", path).stdout


def test_strangers_words_do_not_command_the_terminal(program: Program) -> None:
    sheet = program.sheet([["A", f"{CDN}/x.jpg", "\x1b]0;owned\x07"]], header="SKU,Image URL,Alt text")
    assert "\x1b" not in program.run("preview", sheet).stdout
    assert "\x1b" not in program.run("preview", program.sheet([["a"]], header="\x1b[31mred")).stderr


@pytest.mark.parametrize("word", ["tab", "\\t"])
def test_a_tab_can_be_named(program: Program, word: str) -> None:
    path = program.folder / "rows.csv"
    path.write_text(f"SKU\tImage URL\nA\t{CDN}/x.jpg\n", encoding="utf-8")
    assert "delimiter tab" in program.run("preview", path, "--delimiter", word).stdout
