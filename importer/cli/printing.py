"""What a person reads on the terminal, and what a script reads as JSON. Pure: text in, text out."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from importer.models import ImageRow, LoadedFile, ProblemCode, RejectedRow, StoreImage
from importer.pipeline import JobResult
from importer.report import as_dict

_ROWS_SHOWN = 10
_PROBLEMS_SHOWN = 20
_GROUPS = 3

IMAGE_COLUMNS = ("product_id", "id", "sort_order", "is_thumbnail", "image_file", "description", "url_standard")


def summary_text(result: JobResult, next_step: str) -> str:
    """The end of `check` and `run`: the verdict, the counts, the biggest problems, the report and what to do next."""
    summary = result.summary
    lines = ["", f"{summary.run.file}: {summary.verdict}"]
    if summary.run.stopped:
        lines.append(summary.run.stopped)
    lines.append("  " + ", ".join(f"{count:,} {status.replace('_', ' ')}" for status, count in summary.counts.items()))
    # A repeated row needs no mending: the first one carries its picture.
    groups = [group for group in summary.groups if group.code != ProblemCode.URL_DUPLICATE]
    if groups:
        lines.append("To mend, most rows first:")
    lines += [
        f"  {group.count:>5,}  {group.code} (row{'s' * (group.count > 1)} {group.rows}): {group.fix}"
        for group in groups[:_GROUPS]
    ]
    if len(groups) > _GROUPS:
        lines.append(f"         and {len(groups) - _GROUPS} more kinds of problems, all in the report.")
    lines.append(f"Report: {result.files.html}")
    if summary.run.sandbox:
        lines.append("This was the pretend store: nothing has left this computer.")
    return "\n".join([*lines, next_step] if next_step else lines)


def summary_json(result: JobResult, exit_code: int) -> str:
    """The same for scripts, as one JSON object."""
    paths = {"csv": str(result.files.csv), "xlsx": str(result.files.xlsx), "html": str(result.files.html)}
    return _json(as_dict(result.summary) | {"results": paths, "exit_code": exit_code})


def preview_json(loaded: LoadedFile) -> str:
    """What was understood of a file, as one JSON object."""
    rows = [row for row in loaded.rows if isinstance(row, ImageRow)]
    fields = ("sheet", "row", "product_id", "sku", "image_url", "description", "sort_order", "is_thumbnail")
    problems = [(row, row.problem) for row in loaded.rows if isinstance(row, RejectedRow)]
    return _json(
        {
            "sheets": [asdict(sheet) for sheet in loaded.sheets],
            "layout": loaded.layout,
            "rows": [{field: getattr(row, field) for field in fields} for row in rows],
            "problems": [
                {
                    "sheet": row.sheet,
                    "row": row.row,
                    "column": trouble.column,
                    "code": trouble.code,
                    "detail": trouble.detail,
                    "fix": trouble.fix,
                }
                for row, trouble in problems
            ],
        }
    )


def preview_text(loaded: LoadedFile) -> str:
    """What was understood of a file: sheets, columns, the first rows, the problems."""
    rows = [row for row in loaded.rows if isinstance(row, ImageRow)]
    rejected = [row for row in loaded.rows if isinstance(row, RejectedRow)]
    products = {row.sku if row.product_id is None else row.product_id for row in rows}
    lines = [f"{loaded.name}: {len(loaded.rows):,} rows, {len(rows):,} pictures for {len(products):,} products."]
    for sheet in loaded.sheets:
        where = f"Sheet {sheet.name}: header" if sheet.name else "Header"
        lines.append(f"{where} in row {sheet.header_row}, {sheet.rows:,} rows under it.")
        lines += [f"  {field:<13}<- {header}" for field, header in sheet.columns.items()]
    lines += loaded.notes
    if rows:
        lines.append("First rows as understood:")
        table = [(str(row.row), _product(row), row.sent_url, _extras(row)) for row in rows[:_ROWS_SHOWN]]
        lines += _table(("row", "product", "picture", "also"), table)
    if rejected:
        lines.append(f"Rows with a problem: {len(rejected):,}")
        lines += _table(
            ("row", "code", "detail"),
            [(str(row.row), row.problem.code, row.problem.detail) for row in rejected[:_PROBLEMS_SHOWN]],
        )
        if len(rejected) > _PROBLEMS_SHOWN:
            lines.append(f"  and {len(rejected) - _PROBLEMS_SHOWN:,} more; --json shows them all.")
    return "\n".join(lines)


def image_lines(found: Sequence[tuple[int, tuple[StoreImage, ...] | None]]) -> list[dict[str, object]]:
    """The pictures of products that exist, one mapping each."""
    return [
        {"product_id": number} | {name: getattr(image, name) for name in IMAGE_COLUMNS[1:]}
        for number, images in found
        for image in images or ()
    ]


def images_text(found: Sequence[tuple[int, tuple[StoreImage, ...] | None]]) -> str:
    """The pictures of products as a table."""
    lines = [[str(line[name]) for name in IMAGE_COLUMNS[:-1]] for line in image_lines(found)]
    text = _table(IMAGE_COLUMNS[:-1], lines) if lines else []
    text += [f"Product {number} has no pictures." for number, images in found if images == ()]
    return "\n".join(text)


def images_json(found: Sequence[tuple[int, tuple[StoreImage, ...] | None]]) -> str:
    """The pictures of products as a JSON array."""
    return _json(image_lines(found))


def _product(row: ImageRow) -> str:
    return f"SKU {row.sku}" if row.product_id is None else f"id {row.product_id}"


def _extras(row: ImageRow) -> str:
    parts = [
        f"sort order {row.sort_order}" if row.sort_order is not None else "",
        "thumbnail" if row.is_thumbnail else "",
        f"alt text “{row.description[:40]}”" if row.description else "",
        row.warning,
    ]
    return ", ".join(part for part in parts if part)


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """Columns side by side, wide enough for what is in them; the last one is left ragged."""
    clean = [[" ".join(cell.split()) for cell in line] for line in (header, *lines)]
    widths = [max(len(line[at]) for line in clean) for at in range(len(header))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in clean
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
