"""The page in a real browser: the one thing that only a browser can say is whether the script may run."""

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from importer.report import write_report
from tests.report.report_samples import RUN, every_kind, uploaded

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


def dom(page: Path, profile: Path) -> str:
    """The document after its script ran."""
    assert BROWSER
    command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, check=True, timeout=60, encoding="utf-8").stdout


def test_the_page_opens_from_disk_and_filters(tmp_path: Path) -> None:
    """Our script runs, a stranger's does not, and every row is there."""
    outcomes = [*every_kind(), uploaded(99, sku='<script>document.title="taken"</script>')]
    written = write_report(outcomes, RUN, tmp_path / "results")
    document = html.unescape(dom(written.html, tmp_path / "profile"))
    assert len(re.findall(r"<tr data-status=", document)) == len(outcomes)
    assert f"Showing {len(outcomes)} of {len(outcomes)} rows</output>" in document
    assert re.search(r'<form [^>]*id="filters"[^>]*>', document)
    assert not re.search(r'<form [^>]*id="filters"[^>]*hidden', document)
    assert "<title>spring catalog.xlsx" in document


def test_the_filters_hide_what_does_not_fit(tmp_path: Path) -> None:
    """A copy of the page whose policy lets a test press the buttons."""
    outcomes = every_kind()
    written = write_report(outcomes, RUN, tmp_path / "results")
    press = """<script>
      const field = (id) => document.getElementById(id);
      const said = [];
      const note = () => said.push(field("showing").textContent);
      document.querySelector('button.show[data-code="product_id_invalid"]').click(); note();
      field("code").value = ""; field("status").value = "uploaded"; field("status").dispatchEvent(new Event("change"));
      note(); field("again").click(); note();
      document.body.dataset.said = said.join("; ");
    </script></body>"""
    page = written.html.read_text(encoding="utf-8")
    page = re.sub(r"script-src '[^']+'", "script-src 'unsafe-inline'", page).replace("</body>", press)
    copy = tmp_path / "copy.html"
    copy.write_text(page, encoding="utf-8")
    total = len(outcomes)
    said = f"Showing 2 of {total} rows; Showing 2 of {total} rows; Showing {total} of {total} rows"
    assert f'data-said="{said}"' in dom(copy, tmp_path / "profile")
