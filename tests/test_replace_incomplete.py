"""`--existing replace` with rows that are not sent: no old picture goes that such a row may be about."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from importer.cli.plan_printing import plan_text
from importer.models import ImageRow, Status
from importer.pipeline import JobResult, load_file, run_file
from importer.pipeline.incomplete import find_remainder
from importer.progress import Silence
from importer.sandbox import Sandbox
from importer.settings import NetworkSettings, UploadSettings
from importer.store import open_store
from importer.uploader import Journal
from tests.conftest import Program, results
from tests.job_runs import job
from tests.uploader.uploading import PATIENCE, count, looked_up, names, rows, running, sent, settings_of

HEADER = "product_id,sku,image_url"
PRODUCTS = ((1, "1"), (2, "AB-2"), (3, "Ü 3"), (12, "SKU-12"))


class Heard(Silence):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def replaced(
    program: Program, store: Sandbox, asked: Sequence[Sequence[object]], header: str = HEADER, name: str = "rows.csv"
) -> tuple[JobResult, list[str]]:
    """Replace by what a file asks for; how it ended, and what was said meanwhile."""
    heard = Heard()
    told = job(program, store, upload=UploadSettings(**PATIENCE, existing="replace"))
    return run_file(load_file(program.sheet(asked, name, header)), told, heard), heard.said


def old_gallery(store: Sandbox, pictures: str, folder: Path, *products: int) -> None:
    """An old picture on each product, which another tool put there."""
    folder.mkdir()
    sent(store, rows(pictures, *((number, f"old-{number}.jpg") for number in products)), folder)


WRITINGS = [
    # what the row that is rejected has as its id and its SKU, and the products whose old pictures stay: 0 for all
    ("12", "", 12),
    ("12.0", "", 12),
    ("12.", "", 12),
    ("'12", "", 12),
    ("1.2e1", "", 12),
    ("12e0", "", 12),
    (" 12 ", "", 12),
    ('"12"', "", 12),
    ("“12”", "", 12),
    ("12", "", 12),
    ("#12", "", 12),
    ('="12"', "", 12),
    ("012", "", 12),
    ("\u200b12", "", 12),
    ("", "SKU-12", 12),
    ("", "sku-12", 12),
    ("", " SKU-12 ", 12),
    ("", "'SKU-12", 12),
    ("", '"SKU-12"', 12),
    ("", "SKU-12", 12),
    ("", "ab-2", 2),
    ("", "ü 3", 3),
    ("", "1.0", 1),
    ("", "'1", 1),
    ("", "SKU-77", 0),
    ("77", "", 0),
    ("", "", 0),
    ("twelve", "", 0),
    ("12a", "", 0),
    ("1.5", "", 0),
    ("12345678901234567890", "", 0),
    ("12", "SKU-77", 12),
    ("77", "SKU-12", 12),
    ("12;1", "", 0),
]


def test_a_row_that_is_not_sent_is_matched_with_its_product_however_it_names_it(
    program: Program, tmp_path: Path
) -> None:
    good = [[number, "", f"https://host.example/new-{number}.jpg"] for number, _ in PRODUCTS]
    told: dict[tuple[str, str], set[int]] = {}

    async def held(store: Sandbox, journal: Journal) -> None:
        async with open_store(settings_of(store), NetworkSettings(store.ca_file)) as client:
            for product_id, sku, _ in WRITINGS:
                loaded = load_file(program.sheet([*good, [product_id, sku, "no address"]], header=HEADER))
                checked = await looked_up([row for row in loaded.rows if isinstance(row, ImageRow)], client)
                remainder = await find_remainder(loaded.rows, checked, client, journal)
                assert all("row 6 is about" in words for words in remainder.held.values())
                assert bool(remainder.for_all) == (len(remainder.held) == len(PRODUCTS))
                told[product_id, sku] = {*remainder.held}

    with running(products=PRODUCTS) as store:
        journal = Journal(tmp_path, "s")
        asyncio.run(held(store, journal))
        journal.close()
    everything = {number for number, _ in PRODUCTS}
    assert told == {(one, two): {number} if number else everything for one, two, number in WRITINGS}


@pytest.mark.parametrize(
    ("row", "stays"),
    [(["12.0", "", "x"], {12}), (["", "'1", "x"], {1}), (["", "ab-2", "x"], {2}), (["", "SKU-77", "x"], {1, 2, 3, 12})],
)
@pytest.mark.parametrize("where", [0, 4])
def test_the_old_pictures_stay_and_the_plan_and_the_report_say_why(
    program: Program, pictures: str, tmp_path: Path, row: list[object], stays: set[int], where: int
) -> None:
    asked: list[list[object]] = [[number, "", f"{pictures}/new-{number}.jpg"] for number, _ in PRODUCTS]
    asked.insert(where, row)
    with running(products=PRODUCTS) as store:
        old_gallery(store, pictures, tmp_path / "other", *(number for number, _ in PRODUCTS))
        result, said = replaced(program, store, asked)
        assert {number for number, _ in PRODUCTS if f"old-{number}" in names(store, number)} == stays
        assert {number for number, _ in PRODUCTS if f"new-{number}" in names(store, number)} == {1, 2, 3, 12}
    assert result.plan is not None
    assert (result.plan.keep, result.plan.delete) == (len(stays), len(PRODUCTS) - len(stays))
    assert f"{len(stays)} old picture" in plan_text(result.plan)
    assert [text.startswith("No old picture will be deleted") for text in said] == [True] * (len(stays) == 4)
    lines = {line["product_id"]: line["detail"] for line in results(program.folder / "results") if line["image_id"]}
    for number, _ in PRODUCTS:
        told = "old pictures were kept" in lines[str(number)] and f"row {where + 2} " in lines[str(number)]
        assert told == (number in stays)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/refused.jpg", ""])
def test_a_row_rejected_by_the_check_or_without_an_address_keeps_them(
    program: Program, pictures: str, tmp_path: Path, address: str
) -> None:
    with running(products=PRODUCTS) as store:
        old_gallery(store, pictures, tmp_path / "other", 1, 2)
        replaced(program, store, [[1, "", f"{pictures}/a.jpg"], [2, "", f"{pictures}/b.jpg"], ["", "ab-2", address]])
        assert names(store, 1) == ["a"]
        assert "old-2" in names(store, 2)


def test_a_repeated_row_keeps_nothing(program: Program, pictures: str, tmp_path: Path) -> None:
    with running(products=PRODUCTS) as store:
        old_gallery(store, pictures, tmp_path / "other", 1)
        replaced(program, store, [[1, "", f"{pictures}/a.jpg"], [1, "", f"{pictures}/a.jpg"]])
        assert names(store, 1) == ["a"]


def test_the_mended_file_deletes_them(program: Program, pictures: str, tmp_path: Path) -> None:
    good = [1, "", f"{pictures}/a.jpg"]
    with running(products=PRODUCTS) as store:
        old_gallery(store, pictures, tmp_path / "other", 1)
        replaced(program, store, [good, ["", "SKU-77", f"{pictures}/b.jpg"]])
        assert names(store, 1) == ["old-1", "a"]
        replaced(program, store, [good, [2, "", f"{pictures}/b.jpg"]])
        assert (names(store, 1), names(store, 2)) == (["a"], ["b"])


def test_results_mended_in_place_finish_the_replacement_and_keep_what_the_first_round_sent(
    program: Program, pictures: str, tmp_path: Path
) -> None:
    """The rows of the first round are skipped, and their pictures are none to be deleted."""
    with running(products=PRODUCTS) as store:
        old_gallery(store, pictures, tmp_path / "other", 1)
        replaced(program, store, [[1, "", f"{pictures}/a.jpg"], [1, "", "no address"]])
        assert names(store, 1) == ["old-1", "a"]
        path = program.folder / "results" / "results.csv"
        # A real store's results: what the pretend store has taken is sent again.
        text = path.read_text("utf-8-sig").replace("sandbox-", "real-")
        path.write_text(text.replace("no address", f"{pictures}/b.jpg"), "utf-8")
        told = job(program, store, upload=UploadSettings(**PATIENCE, existing="replace"), journal=path.parent)
        result = run_file(load_file(path), told, Heard())
        assert [outcome.status for outcome in result.outcomes] == [Status.SKIPPED, Status.UPLOADED]
        assert names(store, 1) == ["a", "b"]
        assert count(store, "POST") == 3


def test_skipped_rows_whose_picture_is_on_no_record_keep_the_old_pictures(
    program: Program, pictures: str, tmp_path: Path
) -> None:
    """As where somebody took the results into another folder, or only some rows were asked for."""
    with running(products=PRODUCTS) as store:
        old_gallery(store, pictures, tmp_path / "other", 1)
        header = "product_id,sku,image_url,status,code,fix"
        asked = [
            ["1", "", f"{pictures}/was.jpg", "uploaded", "", ""],
            ["1", "", f"{pictures}/a.jpg", "failed", "x", ""],
        ]
        replaced(program, store, asked, header)
        assert names(store, 1) == ["old-1", "a"]
