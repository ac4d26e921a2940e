"""The report of an earlier run, read back line by line, so that the next one can carry it on."""

import re
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from importer.loader.layouts.results import unguarded
from importer.loader.sources import open_source
from importer.loader.tables import numbered
from importer.models import (
    HostFinding,
    ImageRow,
    LoadedRow,
    Outcome,
    Problem,
    ProblemCode,
    Receipt,
    RejectedRow,
    SkippedRow,
    Status,
    UrlFinding,
)
from importer.settings import LoaderSettings

_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


def read_results(path: Path) -> tuple[Outcome, ...]:
    """The outcomes that a `results.csv` tells of, in its order; lines that tell of none are left out.

    Alt texts, positions and thumbnails are not in it.

    Raises:
        FileError: the file cannot be read.
    """
    with open_source(path, LoaderSettings()) as source:
        names: list[str] = []
        outcomes: list[Outcome] = []
        for table in islice(source.tables, 1):
            for _, cells in numbered(table.read()):
                if not names:
                    names = [cell.strip().casefold() for cell in cells]
                    continue
                outcome = _outcome(dict(zip(names, map(unguarded, cells), strict=False)))
                if outcome is not None:
                    outcomes.append(outcome)
        return tuple(outcomes)


def _outcome(line: dict[str, str]) -> Outcome | None:
    row = _number(line, "row")
    if line.get("status") not in set(Status) or row is None:
        return None
    status, code, detail = Status(line["status"]), line.get("code", ""), line.get("detail", "")
    problem = Problem(ProblemCode(code), detail, line.get("fix", "")) if code in set(ProblemCode) else None
    sent = line.get("sent_url", "")
    source = _source(line, row, status, problem)
    tried = line.get("attempts", "") != ""
    return Outcome(
        source=source,
        status=status,
        problem=problem,
        note="" if problem else detail,
        product_id=_number(line, "product_id"),
        finding=_finding(line, sent, problem) if sent and line.get("http_status") else None,
        receipt=_receipt(line) if tried or line.get("image_id") else None,
    )


def _source(line: dict[str, str], row: int, status: Status, problem: Problem | None) -> LoadedRow:
    sheet, sku, written = (line.get(name, "") for name in ("sheet", "sku", "image_url"))
    product, sent = line.get("product_id", ""), line.get("sent_url", "")
    if sent:
        return ImageRow(sheet, row, _number(line, "product_id"), sku, written, sent)
    if status is Status.SKIPPED or problem is None:
        return SkippedRow(sheet, row, product, sku, written, line.get("detail", ""))
    return RejectedRow(sheet, row, product, sku, written, problem)


def _finding(line: dict[str, str], sent: str, problem: Problem | None) -> UrlFinding:
    parts, version = urlsplit(sent), line.get("tls_version", "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return UrlFinding(
        problem=problem,
        http_status=_number(line, "http_status"),
        tls_version=version,
        content_type=line.get("content_type", ""),
        size=_number(line, "bytes"),
        width=_number(line, "width"),
        height=_number(line, "height"),
        hosts=(HostFinding(parts.hostname or "", port, version),),
    )


def _receipt(line: dict[str, str]) -> Receipt:
    return Receipt(
        image_id=_number(line, "image_id"),
        image_file=line.get("image_file", ""),
        route=line.get("route", ""),
        attempts=_number(line, "attempts") or 0,
        seconds=_seconds(line.get("seconds", "")),
        request_id=line.get("request_id", ""),
    )


def _number(line: dict[str, str], name: str) -> int | None:
    text = line.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _seconds(text: str) -> float:
    return float(text) if _SECONDS.fullmatch(text) else 0.0
