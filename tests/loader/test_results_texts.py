"""Any text at all goes into a report and comes back through the loader as the loader would have read it at first."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given

from importer.addresses import parse_address
from importer.loader import load, values
from importer.loader.address_lists import addresses
from importer.models import ImageRow, LoadedRow, Outcome, Problem, ProblemCode, RejectedRow, Status
from importer.problems import problem
from importer.report import write_report
from importer.report.guard import plain
from importer.settings import LoaderSettings
from tests.loader.sheets import URL
from tests.report.report_samples import RUN
from tests.report.report_texts import LONG, MANY_TEXTS, QUICK, in_cell

MISSING = problem(ProblemCode.HTTP_NOT_FOUND)
ROUTES = (("results.csv", ""), ("results.xlsx", "Results"), ("results.xlsx", "To fix"))


def outcomes_of(texts: Sequence[str]) -> list[Outcome]:
    """Rows in trouble: each text as a SKU, as an address, and in every cell of a row that was turned away."""
    rows: list[ImageRow | RejectedRow] = []
    for text in texts:
        number = len(rows) + 2
        url = f"{URL}?{number}"
        rows.append(ImageRow("", number, None, text, url, url))
        rows.append(ImageRow("", number + 1, None, f"A{number}", text, f"{url}b"))
        rows.append(RejectedRow("", number + 2, text, text, text, MISSING, text, text, text))
    return [Outcome(row, Status.REJECTED, MISSING) for row in rows]


def check_sku(row: LoadedRow, text: str) -> None:
    """The SKU as the loader reads it, or the text as written of a row that it turns away for it."""
    assert row.sku == (values.key(text) if isinstance(row, ImageRow) else text)


def check_address(row: LoadedRow, text: str, to_fix: str) -> None:
    """The text as written and what it means; where rows are mended, the address that it was read as before."""
    if to_fix and row.image_url == to_fix:
        assert isinstance(row, ImageRow)
        return
    assert row.image_url == text
    if isinstance(row, ImageRow):
        # What stands before an address and is none, such as a colon, is left out.
        (address,) = addresses(text)
        meant = parse_address(values.address(address), 255)
        assert not isinstance(meant, Problem)
        assert row.sent_url == meant.url


def check_back(texts: Sequence[str]) -> None:
    """Through each file of the report."""
    outcomes = outcomes_of(texts)
    with TemporaryDirectory() as folder:
        write_report(outcomes, RUN, Path(folder))
        for name, sheet in ROUTES:
            rows = load(Path(folder) / name, LoaderSettings(sheet=sheet)).rows
            assert [row.row for row in rows] == list(range(2, len(outcomes) + 2))
            for at, text in enumerate(texts):
                whole = (in_cell(text) if sheet else plain(text)).strip()
                by_sku, by_address, turned_away = rows[3 * at : 3 * at + 3]
                check_sku(by_sku, whole)
                check_address(by_address, whole, f"{URL}?{3 * at + 2}b" if sheet == "To fix" else "")
                check_sku(turned_away, whole)
                if isinstance(turned_away, RejectedRow):
                    assert (turned_away.product_id, turned_away.image_url) == (whole, whole)
                    about = whole if sheet == "To fix" else ""
                    assert (turned_away.description, turned_away.sort_order) == (about, about)
                    assert turned_away.is_thumbnail == about


@QUICK
@given(MANY_TEXTS)
def test_what_strangers_wrote_comes_back_as_it_was_read(texts: list[str]) -> None:
    check_back(texts)


def test_texts_too_long_for_a_cell_come_back_whole_from_the_csv(tmp_path: Path) -> None:
    check_back([f"a{text}" for text in LONG])
    write_report(outcomes_of(LONG[:1]), RUN, tmp_path)
    assert load(tmp_path / "results.csv").rows[0].sku == LONG[0]
