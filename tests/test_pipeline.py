"""A whole run in this process, where a process of its own would take a real store's patience."""

from pathlib import Path

from importer.cli.commands import _exit_code
from importer.pipeline import Job, load_file, run_file
from importer.settings import AccessToken, CheckSettings, NetworkSettings, StoreSettings, UploadSettings
from tests.conftest import results


def test_a_store_that_cannot_be_reached_stops_the_run_with_4_and_a_line_for_every_row(tmp_path: Path) -> None:
    sheet = tmp_path / "rows.csv"
    sheet.write_text("product_id,image_url\n1,https://a.invalid/x.jpg\n2,https://a.invalid/y.jpg\n,x\n")
    job = Job(
        results=tmp_path / "out",
        check=CheckSettings(),
        network=NetworkSettings(),
        upload=UploadSettings(attempts=2, first_backoff=0.01),
        store=StoreSettings("abc", AccessToken("secret"), "http://127.0.0.1:1"),
    )
    result = run_file(load_file(sheet), job)
    assert _exit_code(result) == 4
    assert "cannot be reached" in result.summary.run.stopped
    lines = [(line["status"], line["code"]) for line in results(tmp_path / "out")]
    assert lines == [("unsent", "store_unavailable")] * 2 + [("rejected", "product_missing")]
