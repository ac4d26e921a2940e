"""Reports for the tests in a browser, as files on the disk."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from importer.models import HostFinding, Outcome, ProblemCode, Receipt, RunInfo, Status, Traffic, UrlFinding
from importer.problems import problem
from tests.report.browser_devtools import BROWSER
from tests.report.report_page_reader import rendered
from tests.report.report_samples import RUN, every_kind, image_row, troubled, uploaded

NEEDS_BROWSER = [
    pytest.mark.long,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]
BUSY = replace(RUN, traffic=Traffic((75,) * 60, (60,) * 60, 15, 900, 150, 30.0, 2))


def page_file(folder: Path, outcomes: Sequence[Outcome], run: RunInfo = BUSY) -> str:
    """The address of the page of these outcomes."""
    file = folder / "results.html"
    file.write_text(rendered(outcomes, run), encoding="utf-8")
    return file.as_uri()


def on_legacy_host(row: int, host: str = "legacy.example") -> Outcome:
    """A row whose host is to be written to."""
    trouble = problem(ProblemCode.TLS_TOO_OLD, f"{host} speaks TLS 1.0 only.")
    finding = UrlFinding(trouble, hosts=(HostFinding(host, 443, "TLSv1", trouble),))
    address = f"https://{host}/{row}.jpg"
    source = image_row(row, image_url=address, sent_url=address)
    return Outcome(source, Status.REJECTED, trouble, finding=finding)


def pictured(row: int, server: str) -> Outcome:
    """A row whose picture the store shows."""
    receipt = Receipt(9, route="single", image_url=f"{server}/{row}.jpg", thumbnail_url=f"{server}/small/{row}.jpg")
    return replace(uploaded(row), receipt=receipt)


def everything() -> list[Outcome]:
    """Every part of the page: each status and code, hosts to write to, pictures, very long words."""
    outcomes = every_kind()
    outcomes += [on_legacy_host(row, f"old{row % 9}.example") for row in range(200, 230)]
    outcomes += [pictured(row, "https://cdn.shop.example") for row in range(300, 310)]
    long = "https://very-long-name.example/" + "a-long-path-without-a-place-to-break" * 12
    outcomes.append(uploaded(400, sku="SKU" * 60, image_url=long, sent_url=long))
    return outcomes


def ten_thousand() -> list[Outcome]:
    """As many rows as a page holds; every tenth has a problem, each with words of its own."""
    codes = list(ProblemCode)
    return [
        troubled(row, codes[row // 10 % len(codes)], sku=f"BAD-{row}") if row % 10 == 0 else uploaded(row)
        for row in range(2, 10_002)
    ]


def axe_core() -> str:
    """The source of axe-core, which looks for what keeps people out (WCAG 2.2, level AA)."""
    root = Path(__file__).resolve().parents[2]
    file = Path(os.environ.get("AXE_CORE") or root / ".ci/node_modules/axe-core/axe.min.js")
    if not file.is_file():
        if os.environ.get("CI"):
            pytest.fail("axe-core is missing: npm install --prefix .ci axe-core")
        pytest.skip("axe-core is not here: npm install --prefix .ci axe-core, or set AXE_CORE to its axe.min.js")
    return file.read_text(encoding="utf-8")
