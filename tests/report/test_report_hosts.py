"""The table of hosts: who is blamed for what, and the sentence that a merchandiser forwards."""

from dataclasses import replace

import pytest

from importer.models import HostFinding, Outcome, Problem, ProblemCode, Status, UrlFinding
from importer.problems import ADVICE, problem
from importer.report.hosts import HostLine, host_lines
from tests.report.report_samples import image_row, malformed, troubled, uploaded

SHOP = HostFinding("www.old-shop.example", 80)
CDN = HostFinding("cdn.example.com", 443, "TLSv1.3")
TOO_OLD = problem(ProblemCode.TLS_TOO_OLD, "legacy.example speaks TLS 1.0 only.")
LEGACY = HostFinding("legacy.example", 443, "TLSv1", TOO_OLD)
NOT_FOUND = problem(ProblemCode.HTTP_NOT_FOUND, "cdn.example.com answered 404 Not Found.")
EMPTY = problem(ProblemCode.IMAGE_EMPTY)


def checked(row: int, *hosts: HostFinding, trouble: Problem | None = None, url: str = "") -> Outcome:
    """A row after a check whose address led over these hosts."""
    source = image_row(row, sent_url=url or f"https://{hosts[0].host}/{row}.jpg")
    finding = UrlFinding(problem=trouble, tls_version=hosts[-1].tls_version, hosts=hosts)
    return Outcome(source, Status.REJECTED if trouble else Status.OK, problem=trouble, finding=finding)


def only(*outcomes: Outcome) -> HostLine:
    """The one line of these outcomes."""
    (line,) = host_lines(outcomes)
    return line


def test_a_redirect_leads_to_a_line_for_each_host_and_blames_the_last() -> None:
    detail = f"The address redirects to https://legacy.example/2.jpg, and there: {TOO_OLD.detail}"
    outcomes = [
        checked(2, SHOP, LEGACY, trouble=replace(TOO_OLD, detail=detail)),
        checked(3, SHOP, CDN),
        checked(4, CDN),
    ]
    legacy, cdn, shop = host_lines(outcomes)
    assert legacy == HostLine(
        host="legacy.example",
        urls=1,
        rows=1,
        tls_version="TLSv1",
        encryption="TLS 1.0",
        problems=1,
        codes=(ProblemCode.TLS_TOO_OLD,),
        verdict="legacy.example speaks TLS 1.0 only.",
        letter=legacy.letter,
        address=("legacy.example", 443),
    )
    assert "legacy.example (where another address redirects): https://www.old-shop.example/2.jpg" in legacy.letter
    assert (cdn.host, cdn.urls, cdn.rows, cdn.problems) == ("cdn.example.com", 2, 2, 0)
    assert (cdn.encryption, cdn.verdict) == ("TLS 1.3", "Fine: TLS 1.3.")
    assert (shop.host, shop.urls, shop.rows, shop.problems, shop.codes) == ("www.old-shop.example", 2, 2, 0, ())
    assert (shop.tls_version, shop.encryption) == ("", "None (http)")
    assert shop.verdict == "Fine, but without encryption (http)."


def test_rows_that_share_an_address_are_counted_apart_from_the_addresses() -> None:
    line = only(*(checked(row, CDN, url="https://cdn.example.com/one.jpg") for row in range(2, 6)))
    assert (line.urls, line.rows) == (1, 4)


def test_a_way_that_visits_a_host_twice_counts_once_and_blames_where_it_ended() -> None:
    lost = replace(CDN, problem=problem(ProblemCode.CONNECTION_LOST, "It hung up."))
    cdn, shop = host_lines([checked(2, CDN, SHOP, lost, trouble=lost.problem)])
    assert (cdn.host, cdn.rows, cdn.problems, cdn.verdict) == ("cdn.example.com", 1, 1, "It hung up.")
    assert (shop.host, shop.rows, shop.problems) == ("www.old-shop.example", 1, 0)


@pytest.mark.parametrize("order", [1, -1])
def test_the_worst_finding_of_a_host_counts_whenever_it_came(order: int) -> None:
    """Fine at first, and set aside after timeouts."""
    aside = problem(ProblemCode.READ_TIMEOUT, "cdn.example.com did not answer five times in a row.")
    tired = replace(CDN, problem=aside)
    outcomes = [checked(2, CDN), checked(3, CDN), checked(4, tired, trouble=aside)][::order]
    line = only(*outcomes)
    assert (line.rows, line.problems, line.tls_version) == (3, 1, "TLSv1.3")
    assert line.verdict == "cdn.example.com did not answer five times in a row."


def test_of_several_troubles_of_a_host_the_one_of_most_rows_is_told() -> None:
    slow, lost = problem(ProblemCode.READ_TIMEOUT, "It was slow."), problem(ProblemCode.CONNECTION_LOST, "It hung up")
    ends = [slow, lost, lost]
    outcomes = [checked(row, replace(CDN, problem=one), trouble=one) for row, one in enumerate(ends, start=2)]
    line = only(*outcomes)
    assert (line.verdict, line.codes) == ("It hung up.", (ProblemCode.CONNECTION_LOST, ProblemCode.READ_TIMEOUT))


@pytest.mark.parametrize(
    ("troubles", "verdict"),
    [
        ([NOT_FOUND], "cdn.example.com answered 404 Not Found."),
        ([NOT_FOUND, NOT_FOUND], "All 2 pictures in trouble: cdn.example.com answered 404 Not Found."),
        ([NOT_FOUND, NOT_FOUND, None], "2 of 3 pictures in trouble: cdn.example.com answered 404 Not Found."),
        (
            [NOT_FOUND, replace(NOT_FOUND, detail="cdn.example.com answered 410 Gone."), NOT_FOUND, None],
            f"3 of 4 pictures in trouble: {ADVICE[ProblemCode.HTTP_NOT_FOUND].meaning}",
        ),
        (
            [EMPTY, NOT_FOUND, NOT_FOUND],
            f"All 3 pictures in trouble, 2 of them: {NOT_FOUND.detail} And 1 other kind of trouble.",
        ),
        (
            [EMPTY, EMPTY, NOT_FOUND, problem(ProblemCode.NOT_AN_IMAGE), None],
            f"4 of 5 pictures in trouble, 2 of them: {EMPTY.detail} And 2 other kinds of trouble.",
        ),
        ([None] * 1200 + [NOT_FOUND], "1 of 1,201 pictures in trouble: cdn.example.com answered 404 Not Found."),
    ],
)
def test_trouble_with_some_pictures_is_counted_and_its_commonest_kind_told(
    troubles: list[Problem | None], verdict: str
) -> None:
    line = only(*(checked(row, CDN, trouble=trouble) for row, trouble in enumerate(troubles, start=2)))
    assert line.verdict == verdict
    assert line.problems == len(troubles) - troubles.count(None)


def test_the_stores_own_words_stay_out_of_the_table() -> None:
    answer = "The store answered 400 Bad Request: The field 'image_file' is invalid."
    outcome = replace(checked(2, CDN), problem=problem(ProblemCode.STORE_COULD_NOT_FETCH, answer))
    assert only(outcome).verdict == ADVICE[ProblemCode.STORE_COULD_NOT_FETCH].meaning


@pytest.mark.parametrize(
    "code", [ProblemCode.KEY_AMBIGUOUS, ProblemCode.PRODUCT_MISMATCH, ProblemCode.UPLOAD_UNCERTAIN]
)
def test_no_host_is_blamed_for_a_wrong_product_or_the_stores_silence(code: ProblemCode) -> None:
    line = only(uploaded(2), troubled(3, code))
    assert (line.rows, line.problems, line.codes, line.letter) == (2, 0, (), "")


def test_a_host_is_blamed_only_for_its_own_trouble() -> None:
    """An unknown SKU says nothing about the host; a missing picture or a redirect to nowhere does."""
    wrong_way = problem(ProblemCode.URL_INVALID, "cdn.example.com redirects to something that is not a web address.")
    outcomes = [
        uploaded(2),
        troubled(3, ProblemCode.SKU_UNKNOWN),
        troubled(4, ProblemCode.URL_DUPLICATE),
        troubled(5, ProblemCode.URL_INVALID, sent_url="http://[broken"),
        troubled(6, ProblemCode.URL_INVALID, sent_url="http://old.example:port/a.jpg"),
        malformed(7),
    ]
    assert (only(*outcomes).rows, only(*outcomes).problems) == (3, 0)
    blamed = only(*outcomes, checked(8, CDN, trouble=wrong_way), troubled(9, ProblemCode.HTTP_NOT_FOUND))
    assert (blamed.rows, blamed.problems) == (5, 2)
    assert blamed.codes == (ProblemCode.URL_INVALID, ProblemCode.HTTP_NOT_FOUND)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (HostFinding("cdn.example.com", 443, "TLSv1.3"), "cdn.example.com"),
        (HostFinding("cdn.example.com", 8443, "TLSv1.2"), "cdn.example.com:8443"),
        (HostFinding("cdn.example.com", 80, "TLSv1.2"), "cdn.example.com:80"),
        (HostFinding("cdn.example.com", 80), "cdn.example.com"),
        (HostFinding("cdn.example.com", 8080), "cdn.example.com:8080"),
        (HostFinding("2001:db8::1", 443, "TLSv1.3"), "[2001:db8::1]"),
        (HostFinding("2001:db8::1", 8443, "TLSv1.3"), "[2001:db8::1]:8443"),
    ],
)
def test_a_host_is_named_as_people_write_it(found: HostFinding, name: str) -> None:
    assert only(checked(2, found)).host == name


@pytest.mark.parametrize(
    ("found", "encryption"),
    [
        (HostFinding("x.example", 8080), "None (http)"),
        (HostFinding("x.example", 80, problem=problem(ProblemCode.CONNECT_REFUSED)), "None (http)"),
        (HostFinding("x.example", 80, problem=problem(ProblemCode.TLS_HANDSHAKE_FAILED)), ""),
        (HostFinding("x.example", 8443, problem=problem(ProblemCode.CONNECT_REFUSED)), ""),
        (HostFinding("x.example", 443, problem=problem(ProblemCode.DNS_NOT_FOUND)), ""),
        (HostFinding("x.example", 443, "TLSv1.1", TOO_OLD), "TLS 1.1"),
    ],
)
def test_no_encryption_is_claimed_only_where_it_is_certain(found: HostFinding, encryption: str) -> None:
    assert only(checked(2, found, trouble=found.problem)).encryption == encryption


def test_two_versions_of_one_host_are_both_told() -> None:
    line = only(checked(2, CDN), checked(3, replace(CDN, tls_version="TLSv1.2")))
    assert (line.tls_version, line.verdict) == ("TLSv1.2, TLSv1.3", "Fine: TLS 1.2 and TLS 1.3.")


@pytest.mark.parametrize(
    ("address", "name", "encryption"),
    [
        ("https://user:secret@Old.example:8443/a.jpg", "old.example:8443", ""),
        ("https://old.example./a.jpg", "old.example", ""),
        ("http://old.example/a.jpg", "old.example", "None (http)"),
    ],
)
def test_without_a_check_the_host_is_that_of_the_address(address: str, name: str, encryption: str) -> None:
    line = only(Outcome(image_row(2, sent_url=address), Status.UPLOADED))
    assert (line.host, line.encryption, line.verdict) == (name, encryption, "Not checked.")


def test_an_unchecked_row_is_counted_with_the_checked_ones_of_its_host() -> None:
    line = only(Outcome(image_row(2), Status.UNSENT), checked(3, CDN))
    assert (line.rows, line.verdict) == (2, "Fine: TLS 1.3.")


def test_a_finding_without_hosts_speaks_for_the_host_of_an_https_address_alone() -> None:
    """The version is that of the last hop, which a redirect from http may have led to."""
    assert only(uploaded(2)).verdict == "Fine: TLS 1.3."
    assert only(uploaded(2, sent_url="http://cdn.example.com/2.jpg")).verdict == "Fine, but without encryption (http)."
    assert only(replace(uploaded(2), finding=UrlFinding())).verdict == "Fine."
    nowhere = problem(ProblemCode.DNS_NOT_FOUND)
    lost = troubled(2, ProblemCode.DNS_NOT_FOUND, sent_url="https://cdn.example.com:8443/2.jpg")
    lost = replace(lost, finding=UrlFinding(nowhere))
    assert (only(lost).encryption, only(lost).verdict) == ("", nowhere.detail)


def test_a_host_that_redirects_to_itself_over_https_has_two_lines_that_can_be_told_apart() -> None:
    plain, safe = HostFinding("a.example", 80), HostFinding("a.example", 443, "TLSv1.3")
    assert [line.host for line in host_lines([checked(2, plain, safe), checked(3, safe)])] == [
        "a.example",
        "a.example:80",
    ]
    assert only(checked(2, plain)).host == "a.example"


def test_hosts_in_trouble_come_first_then_those_with_most_rows() -> None:
    small, large = HostFinding("a.example", 443, "TLSv1.3"), HostFinding("z.example", 443, "TLSv1.3")
    outcomes = [checked(2, small), checked(3, large), checked(4, large), checked(5, LEGACY, trouble=TOO_OLD)]
    assert [line.host for line in host_lines(outcomes)] == ["legacy.example", "z.example", "a.example"]
