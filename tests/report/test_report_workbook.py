"""The workbook, read back by two programs that did not write it."""

import tempfile
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from importer.models import HostFinding, Outcome, ProblemCode, RunInfo, Status, Traffic, UrlFinding
from importer.problems import problem
from importer.report import RESULT_COLUMNS, result_line, sheet_rows, summarize, workbook
from importer.report.advice import advice
from importer.report.guard import EXCEL_CELL_LIMIT, excel_text
from importer.report.sheet_rows import Line
from tests.report.report_samples import RUN, every_kind, image_row, malformed, troubled, uploaded


def written(outcomes: Sequence[Outcome], run: RunInfo = RUN) -> BytesIO:
    """The finished file."""
    stream = BytesIO()
    workbook.write_workbook(outcomes, summarize(outcomes, run), stream)
    stream.seek(0)
    return stream


def expected(outcome: Outcome) -> list[str]:
    """The line as text; ids are text in the sheet, numbers are compared as numbers would print."""
    return ["" if value is None else str(value) for value in result_line(outcome).values()]


def as_text(value: object) -> str:
    """A cell of either program as text; calamine reads every number as a float."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def test_both_programs_read_the_same_lines() -> None:
    """One line per outcome in order, with the values of the CSV."""
    outcomes = every_kind()
    stream = written(outcomes)
    lines = [expected(outcome) for outcome in outcomes]
    sheet = load_workbook(stream)["Results"]
    assert [[as_text(cell) for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)] == lines
    stream.seek(0)
    table = CalamineWorkbook.from_filelike(stream).get_sheet_by_name("Results").to_python()
    assert table[0] == list(RESULT_COLUMNS)
    assert [[as_text(cell) for cell in row] for row in table[1:]] == lines


def test_the_results_sheet_is_ready_to_filter() -> None:
    """Header frozen, filter on, status coloured, ids as text with their zeros."""
    book = load_workbook(written([uploaded(2, sku="00123"), *every_kind()]))
    sheet = book["Results"]
    assert book.sheetnames == ["Summary", "To fix", "Results", "Hosts"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:V{sheet.max_row}")
    assert (sheet["C2"].value, sheet["D2"].value, sheet["K2"].value) == ("1002", "00123", "5002")
    assert {sheet[f"{letter}2"].number_format for letter in "CDK"} == {"@"}
    assert sheet["G2"].fill.fgColor.rgb == "00C6EFCE"
    assert sheet.column_dimensions["E"].width == 48


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://evil.example")', "#N/A", "#REF!", "+1", "-1", "@SUM(A1)"])
def test_a_formula_stays_text(text: str) -> None:
    """The cell's type is string, so no program computes it."""
    sheet = load_workbook(written([uploaded(2, sku=text, image_url=text), malformed(3, product_id=text)]))["Results"]
    cells = [sheet["D2"], sheet["E2"], sheet["C3"]]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s")] * 3


def test_hostile_text_leaves_a_readable_file() -> None:
    """Control characters, lone surrogates and texts too long for a cell."""
    outcomes = [uploaded(2, sku="a\x00b\x0bc\ud800"), Outcome(image_row(3), Status.OK, note="😀" * 40_000)]
    stream = written(outcomes)
    sheet = load_workbook(stream)["Results"]
    assert sheet["D2"].value == "a\ufffdb\ufffdc\ufffd"
    note = sheet["I3"].value
    assert note.endswith("😀…")
    assert len(note.encode("utf-16-le")) // 2 <= EXCEL_CELL_LIMIT


def test_a_long_text_is_cut_at_what_a_cell_holds() -> None:
    """Excel calls a file with a longer cell damaged."""
    assert excel_text("x" * EXCEL_CELL_LIMIT) == "x" * EXCEL_CELL_LIMIT
    assert excel_text("x" * (EXCEL_CELL_LIMIT + 1)) == "x" * (EXCEL_CELL_LIMIT - 1) + "…"


def test_a_name_that_looks_like_an_excel_escape_survives() -> None:
    """Excel and calamine would read `_x1920_` as one letter."""
    outcomes = [uploaded(2, image_url="https://cdn.example.com/photo_x1920_.jpg")]
    table = CalamineWorkbook.from_filelike(written(outcomes)).get_sheet_by_name("Results").to_python()
    assert table[1][4] == "https://cdn.example.com/photo_x1920_.jpg"


def summary_lines(outcomes: Sequence[Outcome], run: RunInfo = RUN) -> list[tuple[object, ...]]:
    """The lines of the first sheet that are not empty."""
    return [row for row in load_workbook(written(outcomes, run))["Summary"].iter_rows(values_only=True) if any(row)]


def test_the_summary_sheet_says_the_same_as_the_summary() -> None:
    """Verdict, facts, counts and problems."""
    outcomes = every_kind()
    summary = summarize(outcomes, RUN)
    lines = summary_lines(outcomes)
    assert lines[0][0] == summary.verdict
    assert ("File", RUN.file) == lines[1][:2]
    assert ("Uploaded", 2) in [line[:2] for line in lines]
    assert {group.code.value for group in summary.groups} <= {line[0] for line in lines}
    assert not any("Asked of the store" in line for line in lines)


def test_the_summary_sheet_says_how_much_of_the_quota_was_used() -> None:
    traffic = Traffic((100, 50), (90, 45), 30.0, 60.0, quota=150, window=30.0)
    facts = {line[0]: line[1] for line in summary_lines(every_kind(), replace(RUN, traffic=traffic))}
    assert facts["Asked of the store"] == "150 requests, 50% of what the store's quota of 150 in 30 seconds allowed"


def test_the_summary_sheet_says_where_to_mend_and_what_needs_no_mending() -> None:
    """Of rows that repeat an earlier one and of rows that were not reached, nobody is to look for a fault."""
    repeated, missing = troubled(2, ProblemCode.URL_DUPLICATE), troubled(3, ProblemCode.HTTP_NOT_FOUND)
    rows = [repeated, missing, Outcome(image_row(4), Status.UNSENT)]
    text = "\n".join(str(line[0]) for line in summary_lines(rows))
    assert text.count("\n".join(advice(summarize(rows, RUN)))) == 1
    assert "Or mend them on the sheet “To fix” of results.xlsx" in text
    assert "1 picture only repeats a picture of an earlier row. There is nothing to do" in text
    assert "1 row was not reached. There is nothing to mend in it" in text
    fine = "\n".join(str(line[0]) for line in summary_lines([uploaded(2)]))
    assert "To fix" not in fine


def test_the_counts_on_the_summary_have_the_colours_of_the_results() -> None:
    """The label of a status looks as its cells do."""
    book = load_workbook(written(every_kind()))
    colours = {cell.value: cell.fill.fgColor.rgb for (cell,) in book["Summary"].iter_rows(max_col=1)}
    results = {row[6].value: row[6].fill.fgColor.rgb for row in book["Results"].iter_rows(min_row=2)}
    assert colours["Needs a fix"] == results["rejected"] == "00FFE699"
    assert colours["Failed"] == results["failed"] == "00F8CBAD"


def test_the_hosts_have_a_sheet_of_their_own_with_the_text_to_forward() -> None:
    """One line for each host of the summary, ready to filter; what is long is wrapped."""
    trouble = problem(ProblemCode.TLS_TOO_OLD, "old.example.com speaks TLS 1.0 only.")
    finding = UrlFinding(trouble, hosts=(HostFinding("old.example.com", 443, "", trouble),))
    address = "https://old.example.com/1.jpg"
    bad = Outcome(image_row(2, image_url=address, sent_url=address), Status.REJECTED, trouble, finding=finding)
    outcomes = [bad, uploaded(3)]
    book = load_workbook(written(outcomes))
    sheet = book["Hosts"]
    header, *lines = sheet.values
    assert header == (
        "Host", "Addresses", "Pictures", "Problems", "Encryption", "Verdict", "Codes", "Text to forward",
    )  # fmt: skip
    hosts = summarize(outcomes, RUN).hosts
    assert lines == [
        (
            host.host, host.urls, host.rows, host.problems, host.encryption or None, host.verdict,
            ", ".join(host.codes) or None, host.letter or None,
        )
        for host in hosts
    ]  # fmt: skip
    assert "TLS 1.0" in str(lines[0][-1])
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:H3")
    assert sheet["H2"].alignment.wrap_text
    assert sheet["F3"].alignment.wrap_text
    assert sheet.column_dimensions["H"].width == 100


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost past Excel's last row, on no sheet."""
    monkeypatch.setattr(workbook, "ROWS_PER_SHEET", 2)
    outcomes = [uploaded(2), *(troubled(row, ProblemCode.HTTP_NOT_FOUND) for row in range(3, 8))]
    book = load_workbook(written(outcomes))
    assert book.sheetnames == [
        "Summary", "To fix", "To fix 2", "To fix 3", "Results", "Results 2", "Results 3", "Hosts",
    ]  # fmt: skip
    assert [[row[7] for row in book[name].values] for name in book.sheetnames[1:4]] == [
        ["Row", 3, 4], ["Row", 5, 6], ["Row", 7],
    ]  # fmt: skip
    assert [book[name]["B2"].value for name in book.sheetnames[4:7]] == [2, 4, 6]


@pytest.mark.parametrize("text", ["<b>Salt & pepper</b>", " spaces around ", "two\nlines", "Größe 😀", '"quoted"'])
def test_any_text_is_read_as_it_was(text: str) -> None:
    """What XML would take for its own, or for nothing."""
    stream = written([uploaded(2, sku=text)])
    assert load_workbook(stream)["Results"]["D2"].value == text
    stream.seek(0)
    assert CalamineWorkbook.from_filelike(stream).get_sheet_by_name("Results").to_python()[1][3] == text


def test_a_sheet_too_large_for_memory_goes_over_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file comes out."""
    outcomes = every_kind()
    small = load_workbook(written(outcomes))
    monkeypatch.setattr(sheet_rows, "_IN_MEMORY", 1)
    large = load_workbook(written(outcomes))
    assert list(large["Results"].values) == list(small["Results"].values)


def test_what_does_not_fit_into_memory_lies_beside_the_workbook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of a full disk the person is told by the folder that they know."""
    template = BytesIO()
    book = Workbook()
    book.save(template)
    monkeypatch.setattr(sheet_rows, "_IN_MEMORY", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with (tmp_path / "results.xlsx").open("wb") as stream:
        sheet_rows.fill(template, {"xl/worksheets/sheet1.xml": [Line([("a", 0), (1.5, 0)])]}, stream)
    assert list(load_workbook(tmp_path / "results.xlsx")["Sheet"].values)[-1] == ("a", 1.5)


@pytest.mark.long
def test_a_long_workbook_is_never_in_memory_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of a file as long as Excel takes would fill gigabytes; so would their links, and the rows to mend."""
    outcomes = [uploaded(row) for row in range(2, 6_000)]
    outcomes += [troubled(row, ProblemCode.HTTP_NOT_FOUND) for row in range(6_000, 12_000)]
    summary = summarize(outcomes, RUN)
    monkeypatch.setattr(sheet_rows, "_IN_MEMORY", 1 << 16)
    with tempfile.TemporaryFile() as stream:
        workbook.write_workbook(outcomes[:2], summary, stream)
        stream.seek(0)
        tracemalloc.start()
        try:
            workbook.write_workbook(outcomes, summary, stream)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        stream.seek(0)
        book = CalamineWorkbook.from_filelike(stream)
        heights = [book.get_sheet_by_name(name).height for name in ("To fix", "Results")]
        with ZipFile(stream) as parts:
            links = parts.read("xl/worksheets/_rels/sheet3.xml.rels").count(b"<Relationship ")
    assert heights == [6_001, len(outcomes) + 1]
    assert links == len(outcomes)
    assert peak < 5_000_000, f"{peak:,} bytes"


def test_a_file_without_rows_has_a_header() -> None:
    """An empty file is no reason to fail."""
    book = load_workbook(written([]))
    assert book.sheetnames == ["Summary", "Results"]
    assert [cell.value for cell in book["Results"][1]] == list(RESULT_COLUMNS)


def test_the_summary_shows_its_long_texts_whole_and_keeps_one_typeface() -> None:
    """No program works out the height of a row that another has made, and a font without a name is anybody's."""
    sheet = load_workbook(written(every_kind()))["Summary"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.font.name for cell in cells} == {"Calibri"}
    for cell in cells:
        if cell.alignment.wrap_text and isinstance(cell.value, str):
            width = sheet.column_dimensions[cell.column_letter].width
            needed = 15 * -(-len(cell.value) // int(width))
            assert (sheet.row_dimensions[cell.row].height or 15) >= needed, cell.value
