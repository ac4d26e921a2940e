"""The report in LibreOffice, which has never heard of us: it opens both files, saves each as the other, and back."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from importer.loader import load
from importer.models import ImageRow, LoadedRow, Outcome, ProblemCode, RejectedRow, Status
from importer.problems import problem
from importer.report import RESULT_COLUMNS, result_line, write_report
from importer.report.guard import csv_cell, loadable
from importer.report.to_fix import TO_FIX_COLUMNS, is_left, to_fix_cells, urgency
from tests.report.report_samples import RUN, every_kind, image_row, uploaded
from tests.report.report_texts import NASTY, in_cell

OFFICE = shutil.which("soffice") or shutil.which("libreoffice") or ""
HOSTILE = [
    *NASTY,
    *(f"a{text}b" for text in NASTY),
    "=" + "1+" * 15_000,
    '=WEBSERVICE("http://evil.example")',
    "=cmd|'/c'!A1",
]

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not OFFICE and not os.environ.get("CI"), reason="LibreOffice is not installed here"),
]


def csv_filter(columns: str = "", *, all_sheets: bool = False, parted: str = "44") -> str:
    """LibreOffice's own words for commas (or what else parts the cells), double quotes, UTF-8, from the first line on.

    Source: its help page "CSV Filter Options". `columns` are formats by column, of which 2 is text; the last token is
    the sheet, -1 for each into a file of its own. Cells are written as they are, not as they are shown.
    """
    return f"{parted},34,76,1,{columns},0,false,true,false,false,false,{-1 if all_sheets else 0}"


def as_text(count: int) -> str:
    """So many columns of text."""
    return "/".join(f"{number}/2" for number in range(1, count + 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report, and room for what becomes of it."""
    return tmp_path_factory.mktemp("office")


def converted(folder: Path, source: Path, target: str, read: str = "") -> Path:
    """A folder with what LibreOffice made of a file."""
    out = folder / f"{len(list(folder.iterdir()))}"
    subprocess.run(
        [
            OFFICE,
            "--headless",
            f"-env:UserInstallation={(folder.parent / 'profile').as_uri()}",
            *([f"--infilter=Text - txt - csv (StarCalc):{read}"] if read else []),
            "--convert-to",
            target,
            "--outdir",
            str(out),
            str(source),
        ],
        check=True,
        timeout=180,
        stdout=subprocess.DEVNULL,
    )
    assert list(out.iterdir()), f"LibreOffice made nothing of {source.name}"
    return out


def outcomes() -> list[Outcome]:
    """A row of every kind, and rows with every hostile text in every place."""
    found = every_kind()
    for text in HOSTILE:
        row = len(found) + 2
        trouble = replace(problem(ProblemCode.STORE_REJECTED, text), fix=text)
        source = image_row(row, sheet=text, sku=text, image_url=text, description=text)
        found.append(Outcome(source, Status.FAILED, trouble))
        found.append(
            Outcome(RejectedRow("", row + 1, text, text, text, trouble, text, text, text), Status.REJECTED, trouble)
        )
        found.append(uploaded(row + 2, sku=text, warning=text))
    return found


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[Outcome]:
    """The outcomes whose report lies in the folder."""
    found = outcomes()
    write_report(found, RUN, folder)
    return found


def shown(values: Sequence[object]) -> list[str]:
    """Values as text, as one cell holds them; both programs read whole numbers as fractions."""
    return [
        in_cell(
            str(int(value)) if isinstance(value, float) and value.is_integer() else "" if value is None else str(value)
        )
        for value in values
    ]


def results(rows: Sequence[Outcome]) -> list[list[str]]:
    """What the sheet of results holds."""
    loaded = {"product_id", "sku", "image_url"}
    lines = (result_line(row).items() for row in rows)
    return [
        [*RESULT_COLUMNS],
        *(
            shown([loadable(value) if name in loaded and isinstance(value, str) else value for name, value in line])
            for line in lines
        ),
    ]


def csv_results(rows: Sequence[Outcome]) -> list[list[str]]:
    """What the CSV file holds."""
    return [
        [*RESULT_COLUMNS],
        *(
            shown([csv_cell(value, numeric=name == "product_id") for name, value in result_line(row).items()])
            for row in rows
        ),
    ]


def read_csv(path: Path) -> list[list[str]]:
    """A file that LibreOffice wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def read_sheet(path: Path, name: str, width: int) -> list[list[str]]:
    """A sheet that LibreOffice wrote."""
    table = CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()
    lines = (shown(line) for line in table)
    return [line + [""] * (width - len(line)) for line in lines]


def formulas(path: Path) -> Iterator[str]:
    """Parts of a workbook that hold something to compute."""
    with ZipFile(path) as book:
        for name in book.namelist():
            if "worksheets/" in name and (b"<f>" in (text := book.read(name)) or b"<f " in text):
                yield name


def test_the_workbook_becomes_csv_and_a_workbook_again(folder: Path, rows: list[Outcome]) -> None:
    """Every cell as we wrote it, on the sheets that are loaded back."""
    sheets = converted(
        folder, folder / "results.xlsx", f"csv:Text - txt - csv (StarCalc):{csv_filter(all_sheets=True)}"
    )
    assert {path.name for path in sheets.iterdir()} == {
        f"results-{name}.csv" for name in ("Summary", "To fix", "Results", "Hosts")
    }
    to_fix = [[*TO_FIX_COLUMNS], *(shown(to_fix_cells(row)) for row in sorted(filter(is_left, rows), key=urgency))]
    for name, lines in (("Results", results(rows)), ("To fix", to_fix)):
        path = sheets / f"results-{name}.csv"
        assert read_csv(path) == lines
        back = converted(folder, path, "xlsx", csv_filter(as_text(len(lines[0]))))
        (book,) = back.iterdir()
        (title,) = CalamineWorkbook.from_path(book).sheet_names
        assert read_sheet(book, title, len(lines[0])) == lines
        assert list(formulas(book)) == []


def test_the_csv_becomes_a_workbook_and_csv_again(folder: Path, rows: list[Outcome]) -> None:
    lines = csv_results(rows)
    (book,) = converted(folder, folder / "results.csv", "xlsx", csv_filter(as_text(len(lines[0])))).iterdir()
    (title,) = CalamineWorkbook.from_path(book).sheet_names
    assert read_sheet(book, title, len(lines[0])) == lines
    assert list(formulas(book)) == []
    (back,) = converted(folder, book, f"csv:Text - txt - csv (StarCalc):{csv_filter()}").iterdir()
    assert read_csv(back) == lines


@pytest.mark.parametrize("parted", ["44", "59", "44/59/9"], ids=["commas", "semicolons", "all that its dialog ticks"])
def test_nothing_in_the_csv_is_run_by_who_opens_it_with_a_double_click(
    folder: Path, rows: list[Outcome], parted: str
) -> None:
    """Columns are then what the program takes them for; our apostrophes keep it from taking any for a formula."""
    assert rows
    unguarded = folder / "unguarded.csv"
    unguarded.write_text("=1+1\n", encoding="utf-8")
    (run,) = converted(folder, unguarded, "xlsx", csv_filter()).iterdir()
    assert len(list(formulas(run))) == 1
    (book,) = converted(folder, folder / "results.csv", "xlsx", csv_filter(parted=parted)).iterdir()
    assert list(formulas(book)) == []


def _without_words(row: LoadedRow) -> LoadedRow:
    """The row without what its problem says: of a workbook, that names the sheet."""
    return replace(row, problem=replace(row.problem, detail="")) if isinstance(row, RejectedRow) else row


def test_what_libreoffice_saved_is_still_an_input(folder: Path, rows: list[Outcome]) -> None:
    """The workbook saved anew, and the CSV file saved as a workbook, load as ours do."""
    (anew,) = converted(folder, folder / "results.xlsx", "xlsx").iterdir()
    assert load(anew).rows == load(folder / "results.xlsx").rows
    assert len(load(anew).rows) == sum(map(is_left, rows))
    (book,) = converted(folder, folder / "results.csv", "xlsx", csv_filter(as_text(len(RESULT_COLUMNS)))).iterdir()
    mine, theirs = load(folder / "results.csv").rows, load(book).rows
    assert [_without_words(row) for row in theirs] == [_without_words(row) for row in mine]
    assert any(isinstance(row, ImageRow) for row in mine)
