"""What was understood of a file, for a person, and what a script reads as JSON. Pure: text in, text out."""

import json

from importer.cli.counting import counted
from importer.cli.plan_printing import plan_json
from importer.cli.table import table
from importer.loaded import LoadedFile, Preview, RowProblems
from importer.models import ImageRow, RejectedRow, SkippedRow
from importer.pipeline import JobResult
from importer.report import as_dict
from importer.settings import DELIMITERS

_DELIMITER_NAMES = {character: name for name, character in DELIMITERS.items()}


def summary_json(result: JobResult, exit_code: int) -> str:
    """The end of `check` and `run` for scripts, as one JSON object; a file that could not be written is null."""
    files = {"csv": result.files.csv, "xlsx": result.files.xlsx, "html": result.files.html}
    paths = {kind: str(path) if path in result.written else None for kind, path in files.items()}
    ending: dict[str, object] = {"results": paths, "exit_code": exit_code, "rule_broken": result.rule_broken}
    if result.kept:
        ending["kept"] = result.kept
    if result.plan is not None:
        ending["plan"] = plan_json(result.plan)
    return _json(as_dict(result.summary) | ending)


def understood(loaded: LoadedFile) -> list[str]:
    """What each sheet was taken for, in a line, to be read before anything is sent; nothing where it goes without."""
    return [
        f"{sheet.name or loaded.name}: layout {sheet.layout}, "
        + "; ".join(f"{field} <- {header}" for field, header in sheet.columns.items())
        for sheet in loaded.sheets
        if sheet.layout != "plain"
        or any(field != header.lower().replace(" ", "_") for field, header in sheet.columns.items())
    ]


def preview_json(loaded: LoadedFile) -> str:
    """What was understood of a file, as one JSON object."""
    rows = [row for row in loaded.rows if isinstance(row, ImageRow)]
    fields = ("sheet", "row", "product_id", "sku", "image_url", "description", "sort_order", "is_thumbnail")
    problems = [(row, row.problem) for row in loaded.rows if isinstance(row, RejectedRow)]
    skipped = [row for row in loaded.rows if isinstance(row, SkippedRow)]
    return _json(
        {
            "sheets": [
                {"name": sheet.name, "header_row": sheet.header_row, "rows": sheet.rows, "columns": sheet.columns}
                for sheet in loaded.sheets
            ],
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
            "skipped": [{"sheet": row.sheet, "row": row.row, "reason": row.reason} for row in skipped],
            "notes": loaded.notes,
            "sheets_left_out": [{"name": sheet.name, "reason": sheet.sentence} for sheet in loaded.left_out],
        }
    )


def preview_text(found: Preview) -> str:
    """What was understood of a file: how it is written, its sheets and columns, the first rows, the problems."""
    facts = found.facts
    written = [facts.format]
    if facts.encoding:
        written += [f"encoding {facts.encoding}", f"delimiter {_DELIMITER_NAMES.get(facts.delimiter, facts.delimiter)}"]
    sums = f"{counted(found.images, 'picture')} for {counted(found.products, 'product')}"
    lines = [f"{facts.name}: {counted(found.rows, 'row')}, {sums}.", f"Read as {', '.join(written)}."]
    for sheet in found.sheets:
        where = f"header in row {sheet.header_row}" if sheet.header_row else "no header"
        where = f"Sheet {sheet.name}: {where}" if sheet.name else where.capitalize()
        lines.append(f"{where}, {counted(sheet.rows, 'row')} of data. Layout: {sheet.layout}, told by {sheet.reason}.")
        lines += [f"  {field:<13}<- {header}" for field, header in sheet.columns.items()]
    lines += found.notes
    if found.first:
        lines.append("First rows as understood:")
        first = [(str(row.row), _product(row), row.sent_url, _extras(row)) for row in found.first]
        lines += table(("row", "product", "picture", "also"), first)
    if found.problems:
        count = sum(group.count for group in found.problems)
        lines.append(f"Problems: {count:,}")
        for group in found.problems:
            problem = group.first[0].problem
            lines.append(f"  {group.count:,} {group.code} ({_row_numbers(group)}): {problem.detail} {problem.fix}")
    lines += [
        f"Nothing to do for {count:,} row{'s' * (count > 1)}: {reason}" for reason, count in found.skipped.items()
    ]
    return "\n".join(lines)


def _row_numbers(group: RowProblems) -> str:
    numbers = [str(number) for number in dict.fromkeys(row.row for row in group.first)]
    if group.count > len(group.first):
        numbers.append("…")
    return f"row{'s' * (len(numbers) > 1)} {', '.join(numbers)}"


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


def _json(value: object) -> str:
    # ASCII, because a Windows pipe has a code page that lacks most letters.
    return json.dumps(value, indent=2)
