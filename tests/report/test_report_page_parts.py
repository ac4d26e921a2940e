"""The parts of the page beyond its table: letters, repeats, the pace, the store's pictures."""

from dataclasses import replace

from importer.models import HostFinding, Outcome, ProblemCode, Receipt, RunInfo, Status, Traffic, UrlFinding
from importer.problems import problem
from importer.report import summarize
from tests.report.report_page_reader import opened, rendered
from tests.report.report_samples import RUN, image_row, malformed, troubled, uploaded

CDN = "https://cdn11.shop.example/s-abc/products/7/images/9/mug"


def pictured(row: int, picture: str = f"{CDN}.1280.jpg", thumbnail: str = f"{CDN}.220.jpg") -> Outcome:
    """A row whose picture can be looked at in the store."""
    receipt = Receipt(9, route="single", attempts=1, image_url=picture, thumbnail_url=thumbnail)
    return replace(uploaded(row), receipt=receipt)


def on_host(row: int, host: str, code: ProblemCode | None = None) -> Outcome:
    """A row with its picture on a host, or with the trouble that it has there."""
    trouble = problem(code) if code else None
    finding = UrlFinding(trouble, hosts=(HostFinding("start.example", 443, "TLSv1.3"), HostFinding(host, 443)))
    status = Status.REJECTED if code else Status.OK
    source = image_row(row, sent_url=f"https://start.example/{row}")
    return Outcome(source, status, trouble, finding=finding)


def test_each_host_in_trouble_has_its_letter_to_copy() -> None:
    """As the summary has it, word for word, most rows first; a host without fault has none."""
    outcomes = [on_host(2, "bad.example", ProblemCode.HTTP_FORBIDDEN), on_host(3, "good.example")]
    outcomes += [on_host(row, "worse.example", ProblemCode.TLS_TOO_OLD) for row in (4, 5)]
    letters = [line.letter for line in summarize(outcomes, RUN).hosts if line.letter]
    found = opened(outcomes)
    assert len(letters) == 2
    assert found.letters == letters
    assert "worse.example" in found.letters[0]
    copies = [attributes["data-letter"] for tag, attributes in found.tags if "data-letter" in attributes]
    assert copies == [attributes["id"] for tag, attributes in found.tags if tag == "pre"]
    assert not opened([uploaded(2), malformed(3)]).letters


def test_rows_that_only_repeat_come_last_and_need_no_mending() -> None:
    outcomes = [troubled(row, ProblemCode.URL_DUPLICATE) for row in (2, 3, 4)]
    text = opened([*outcomes, troubled(5, ProblemCode.SKU_UNKNOWN)]).text
    assert text.index("no product or variant with this SKU") < text.index("3 pictures only repeat an earlier one.")
    assert "needs a correction. 3 of them only repeat an earlier one." in text
    alone = opened(outcomes).text
    assert "No row needs a correction." in alone
    assert "✓" in alone


def test_more_than_a_handful_of_problems_are_folded_away_and_still_there() -> None:
    codes = list(ProblemCode)[:11]
    found = opened([troubled(row, code) for row, code in enumerate(codes, start=2)])
    assert "5 more kinds of problems, 5 pictures" in " ".join(found.text.split())
    assert [tag for tag, attributes in found.tags if tag == "details" and attributes.get("class") == "fold"]
    short = opened([troubled(row, code) for row, code in enumerate(codes[:8], start=2)])
    assert "more kinds of problems" not in short.text


def test_a_row_can_be_found_by_each_host_on_its_way() -> None:
    """The places are those of the choices, which count the rows that they leave."""
    outcomes = [on_host(2, "bad.example", ProblemCode.HTTP_FORBIDDEN), on_host(3, "good.example"), malformed(4)]
    found = opened(outcomes)
    names = [line.host for line in summarize(outcomes, RUN).hosts]
    assert names == ["bad.example", "start.example", "good.example"]
    rows = [
        attributes.get("data-hosts", "")
        for tag, attributes in found.tags
        if "data-status" in attributes and tag == "tr"
    ]
    assert rows == ["1 0", "1 2", ""]
    assert "bad.example (1)" in found.text
    assert "start.example (2)" in found.text


def test_the_store_s_pictures_are_links_and_nothing_is_loaded() -> None:
    """The policy lets in pictures from where they lie, and from nowhere else."""
    found = opened([pictured(2), uploaded(3)])
    assert not any(tag == "img" for tag, _ in found.tags)
    assert found.values("data-thumbnail") == [f"{CDN}.220.jpg"]
    assert f"{CDN}.1280.jpg" in found.values("href")
    assert "img-src https://cdn11.shop.example;" in found.values("content")[0] + ";"
    assert "img-src" not in opened([uploaded(2)]).values("content")[0]


def test_a_picture_at_an_unsafe_address_is_left_out() -> None:
    """Neither a script nor a host that would write into the policy."""
    unsafe = ["javascript:alert(1)", "https://a.example;script-src *", "https://b.example'/x.jpg", "data:image/png,x"]
    outcomes = [pictured(row, thumbnail=address) for row, address in enumerate(unsafe, start=2)]
    found = opened(outcomes)
    assert not found.values("data-thumbnail")
    assert "img-src" not in found.values("content")[0]
    only_small = opened([pictured(2, picture="javascript:alert(1)")])
    assert f"{CDN}.220.jpg" in only_small.values("href")


def test_the_pretend_store_has_no_pictures_left_to_show() -> None:
    found = opened([pictured(2)], replace(RUN, sandbox=True))
    assert not found.values("data-thumbnail")
    assert "img-src" not in found.values("content")[0]
    assert "they went with the pretend store" in found.text


def test_a_cell_of_a_novel_s_length_is_cut_and_says_so() -> None:
    """Thirty thousand characters in each of ten thousand rows would open in no browser."""
    found = opened([uploaded(2, sku="S" * 30_000, image_url="https://a.example/" + "b" * 30_000)])
    assert found.rows[0][1].startswith("S" * 600 + "… (and 29,400 more characters)")
    assert "… (and 29,418 more characters)" in found.rows[0][2]
    assert len(rendered([uploaded(2, sku="S" * 30_000)])) < len(rendered([uploaded(2)])) + 5_000


def test_the_pace_is_drawn_where_there_is_one_to_see() -> None:
    traffic = Traffic((75,) * 60, (60,) * 60, 15, 900, 150, 30.0)
    found = opened([uploaded(2)], replace(RUN, traffic=traffic))
    assert "Quota used4,500 requests, 100% of" in found.text.replace("\n", "")
    assert "On average 240 pictures arrived per minute" in found.text
    drawing = [attributes for tag, attributes in found.tags if attributes.get("role") == "img"]
    assert [one["aria-labelledby"] for one in drawing] == ["pace-words"]
    short: RunInfo = replace(RUN, traffic=Traffic((38,), (38,), 1, 0.7))
    assert "Asked of the store38 requests" in opened([uploaded(2)], short).text.replace("\n", "")
    assert "Pictures per minute" not in opened([uploaded(2)], short).text
    assert "Quota used" not in opened([uploaded(2)]).text


def test_the_next_step_is_said() -> None:
    """Mend and run again; a run that stopped goes on; a check only checks again."""
    bad = [troubled(2, ProblemCode.SKU_UNKNOWN)]
    assert "run the same command again: it sends only what is not in the store yet." in opened(bad).text
    assert "it sends only" not in opened(bad, replace(RUN, command="check")).text
    stopped = replace(RUN, stopped="The store is closed.")
    assert "go on where this run stopped" in opened([Outcome(image_row(2), Status.UNSENT)], stopped).text
