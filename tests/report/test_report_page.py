"""The page: complete, self-contained and deaf to what strangers put into it."""

import re
from dataclasses import replace

import pytest

from importer.models import HostFinding, Outcome, ProblemCode, Receipt, Status, UrlFinding
from importer.problems import ADVICE, problem
from importer.report import page, summarize
from importer.report.guard import visible, web_link
from importer.report.page import duration, when
from tests.report.report_page_reader import opened, read_page, rendered
from tests.report.report_samples import RUN, every_kind, image_row, malformed, troubled, uploaded

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'&lt;\u202egpj\x00.exe"


def test_the_page_has_one_row_per_outcome_in_order() -> None:
    """Row, product, address, result, what happened, what to do."""
    outcomes = every_kind()
    found = opened(outcomes)
    assert [row[0] for row in found.rows] == [str(outcome.source.row) for outcome in outcomes]
    assert found.rows[0] == ["2", "002id 1002", "https://cdn.example.com/img/2.jpg", "Uploaded", "", ""]
    assert found.rows[-1][4].endswith("upload_uncertain")
    assert found.rows[-1][5] == ADVICE[ProblemCode.UPLOAD_UNCERTAIN].fix


def by_route(row: int, route: str, status: Status = Status.UPLOADED) -> Outcome:
    """A row that was sent so."""
    return Outcome(image_row(row), status, receipt=Receipt(5000 + row, route=route, attempts=1))


def test_the_page_says_how_each_row_went_where_not_all_went_singly() -> None:
    """In the row, and how many went so above; what was only tried is not counted as sent."""
    found = opened(
        [
            by_route(2, "batch"),
            by_route(3, "single"),
            by_route(4, "variant"),
            by_route(5, "batch"),
            by_route(6, "single", Status.FAILED),
            Outcome(image_row(7), Status.ALREADY_THERE, receipt=Receipt(9)),
            Outcome(image_row(8), Status.OK),
        ]
    )
    assert [row[3] for row in found.rows] == [
        "Uploadedin a batch",
        "Uploadedby itself",
        "Uploadedas a variant's picture",
        "Uploadedin a batch",
        "Failedby itself",
        "Already there",
        "Ready",
    ]
    assert "Sent2 in batches, 1 by itself, 1 as a variant's picture" in found.text.replace("\n", "")
    assert (
        "1 in a batch, 1,200 one by one"
        in opened([by_route(2, "batch"), *(by_route(row, "single") for row in range(3, 1203))]).text
    )


def test_the_page_says_nothing_of_the_way_where_all_went_singly() -> None:
    """It would be the same in every row."""
    found = opened([by_route(2, "single"), by_route(3, "single"), Outcome(image_row(4), Status.OK)])
    assert [row[3] for row in found.rows] == ["Uploaded", "Uploaded", "Ready"]
    assert "Sent" not in found.text


def test_one_row_with_several_pictures_is_one_row() -> None:
    """A cell with two bad addresses is to be mended in one place."""
    found = opened([troubled(6, ProblemCode.HTTP_NOT_FOUND), troubled(6, ProblemCode.HTTP_NOT_FOUND)])
    assert "Row 6" in found.text
    assert "Rows 6" not in found.text


def test_the_page_explains_every_problem() -> None:
    """Each code that occurs comes with its meaning and what to do."""
    text = opened(every_kind()).text
    assert summarize(every_kind(), RUN).verdict in text
    assert all(advice.meaning in text and advice.fix in text for advice in ADVICE.values())


def test_the_page_says_where_the_pictures_are() -> None:
    """Each host with its addresses, rows, encryption and verdict; of very many, the first hundred."""
    legacy = problem(ProblemCode.TLS_TOO_OLD, "legacy.example speaks TLS 1.0 only.")
    hosts = (HostFinding("old.example", 80), HostFinding("legacy.example", 443, "TLSv1", legacy))
    bad = Outcome(image_row(2), Status.REJECTED, problem=legacy, finding=UrlFinding(legacy, hosts=hosts))
    found = opened([bad, uploaded(3), uploaded(4)])
    assert found.hosts == [
        ["Host", "Addresses", "Pictures", "Encryption", "Verdict"],
        ["legacy.example", "1", "1", "TLS 1.0", "legacy.example speaks TLS 1.0 only."],
        ["cdn.example.com", "2", "2", "TLS 1.3", "Fine: TLS 1.3."],
        ["old.example", "1", "1", "None (http)", "Fine, but without encryption (http)."],
    ]
    many = opened([uploaded(row, sent_url=f"https://h{row}.example/") for row in range(2, 103)])
    assert len(many.hosts) == 101
    assert "These are 100 of 101 hosts" in many.text
    assert not opened([]).hosts


def test_the_page_loads_nothing() -> None:
    """No address is fetched by opening it, and the browser is told to refuse any."""
    html = rendered(every_kind())
    found = read_page(html)
    policy = next(value for value in found.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"link", "img", "iframe", "object", "embed", "base", "video", "audio", "source", "use", "image"}
    assert not found.values("src")
    assert not found.values("style")
    assert "@import" not in html
    assert "url(" not in html
    assert all(re.match(r"(https?://|results\.(xlsx|csv)$|#rows$)", link) for link in found.values("href"))


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    """From the spreadsheet, the file's name and the reason of a stop: no tag, no attribute, no turned text."""
    outcomes = [
        uploaded(2, sku=HOSTILE, image_url=HOSTILE, sent_url=HOSTILE, warning=HOSTILE, sheet=HOSTILE),
        troubled(3, ProblemCode.SKU_UNKNOWN, sent_url=f"https://{HOSTILE}/", sheet="b"),
        malformed(4, product_id=HOSTILE, sku=HOSTILE, image_url=HOSTILE),
    ]
    run = replace(RUN, file=HOSTILE, store=HOSTILE, stopped=HOSTILE, started=HOSTILE)
    html = rendered(outcomes, run)
    found = read_page(html)
    assert sum(tag == "script" for tag, _ in found.tags) == 1
    assert not any(tag == "img" for tag, _ in found.tags)
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert "\u202e" not in html
    assert "\x00" not in html
    assert found.rows[0][2] == visible(HOSTILE)
    assert "[U+202E]gpj\ufffd.exe" in found.rows[0][2]


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://cdn.example.com/a.jpg?x=1&y=2", True),
        ("HTTP://cdn.example.com/a.jpg", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("ftp://files.example.com/a.jpg", False),
        ("//cdn.example.com/a.jpg", False),
        ("https:a.jpg", False),
        ("java\nscript:alert(1)", False),
        ("https://good.example\u202e/a.jpg", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(address: str, link: bool) -> None:
    """Anything else stays text."""
    assert bool(web_link(address)) is link
    found = opened([uploaded(2, image_url=address, sent_url=address)])
    links = [attributes for tag, attributes in found.tags if tag == "a" and attributes.get("target") == "_blank"]
    assert [one["href"] for one in links] == [address] * link
    assert all(one["rel"] == "noreferrer noopener" for one in links)


def test_a_long_file_shows_its_problems_and_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says that it is not everything, and where everything is."""
    monkeypatch.setattr(page, "MOST_ROWS", 3)
    outcomes = [uploaded(2), uploaded(3), troubled(4, ProblemCode.SKU_UNKNOWN), uploaded(5)]
    found = opened(outcomes)
    assert [row[0] for row in found.rows] == ["2", "4", "5"]
    assert "This page shows 3 of 4 rows: all that have a problem, and a sample of the others" in found.text
    assert "Every row is in results.xlsx." in found.text
    assert "Uploaded (2)" in found.text, "the filters count what is on the page"
    assert "This page shows" not in opened(outcomes[:3]).text
    assert "This page shows 3 of 4 rows: a sample from the whole file." in opened([uploaded(2)] * 4).text
    bad = [troubled(row, ProblemCode.SKU_UNKNOWN) for row in range(2, 6)]
    assert "of each kind of problem as many as fit" in opened(bad).text


def test_a_pretend_store_and_an_early_stop_are_plain_to_see() -> None:
    """Nobody takes a rehearsal for the real thing."""
    found = opened([uploaded(2)], replace(RUN, sandbox=True, stopped="The store refuses the token."))
    assert "This was the pretend store: nothing has left this computer." in found.text
    assert "The store refuses the token." in found.text
    calm = opened([uploaded(2)])
    assert "pretend store" not in calm.text
    assert "Stopped early" not in calm.text
    assert "No row needs a correction." in calm.text


def test_several_sheets_are_named_in_the_rows() -> None:
    """Row 2 of which sheet?"""
    found = opened([uploaded(2, sheet="Mugs"), uploaded(2, sheet="Hats")])
    assert [row[0] for row in found.rows] == ["2Mugs", "2Hats"]


def test_every_control_has_a_name_and_every_header_a_scope() -> None:
    """A screen reader can say what each thing is."""
    found = opened(every_kind())
    assert all("scope" in attributes for tag, attributes in found.tags if tag == "th")
    labels = sum(tag == "label" for tag, _ in found.tags)
    assert labels == sum(tag in {"input", "select", "textarea"} for tag, _ in found.tags)
    assert ("html", {"lang": "en"}) in found.tags


def test_an_empty_file_is_a_page_too() -> None:
    """Nothing to count is no reason to fail."""
    found = opened([])
    assert not found.rows
    assert "The file has no rows with pictures." in found.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (83.25, "1 min 23 s"), (7500, "2 h 5 min")],
)
def test_lengths_of_time_are_for_people(seconds: float, words: str) -> None:
    """No one counts 7,500 seconds."""
    assert duration(seconds) == words


def test_the_start_is_for_people() -> None:
    """In the clock of whoever ran it; what is no instant is shown as it is."""
    assert when("2025-03-04T09:05:33+01:00") == "4 March 2025, 09:05 (UTC+01:00)"
    assert when("2025-03-04T09:05:33") == "4 March 2025, 09:05"
    assert when("yesterday") == "yesterday"
