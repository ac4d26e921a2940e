"""What is forwarded to whoever runs a host: plain, true of that host, and safe to paste into a terminal."""

import shlex
import shutil
import subprocess

import pytest

from importer.models import HostFinding, Outcome, ProblemCode, Status, UrlFinding
from importer.problems import problem
from importer.report.hosts import host_lines, hosts_on_way
from importer.report.letters import CODES, Trouble, letter
from importer.report.summary import as_dict, summarize
from tests.report.report_samples import RUN, image_row, malformed, troubled, uploaded

URL = "https://legacy.example/tent's%20pegs.jpg"


def about(code: ProblemCode, example: str = URL, address: tuple[str, int] = ("legacy.example", 443)) -> str:
    urls = (example, "https://legacy.example/2.jpg", "https://legacy.example/3.jpg")
    return letter("legacy.example", address, [Trouble(code, "legacy.example speaks TLS 1.0 only.", urls)])


def command(text: str) -> list[str]:
    """The command of a letter as a shell would take it apart."""
    return shlex.split(text.partition("To see that it is done:\n")[2].splitlines()[0])


def test_a_host_with_old_tls_is_told_what_that_means_since_when_and_how_to_see_that_it_is_mended() -> None:
    text = about(ProblemCode.TLS_TOO_OLD)
    for words in ("legacy.example speaks TLS 1.0 only.", "RFC 8996", "30 June 2018", "TLS 1.2", "3 do not", URL):
        assert words in text
    assert command(text)[:5] == ["openssl", "s_client", "-connect", "legacy.example:443", "-servername"]
    assert "-tls1_2" in command(text)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_letter_is_complete_and_its_command_holds_strangers_text_as_one_word(code: ProblemCode) -> None:
    text = about(code)
    assert text.startswith("Hello,\n\n")
    assert text.endswith("Thank you")
    assert not set("{}") & set(text.replace("%{http_code} %{content_type} %{size_download}", ""))
    words = command(text)
    assert words[0] in {"openssl", "curl", "nslookup"}
    if words[0] == "curl":
        assert URL in words


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_curl_understands_the_command() -> None:
    """Nothing listens there: curl says so (7), and not that the options are wrong (2)."""
    text = about(ProblemCode.HTTP_NOT_FOUND, example="http://127.0.0.1:9/x.jpg")
    assert subprocess.run(command(text), capture_output=True, check=False, timeout=30).returncode == 7


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
@pytest.mark.parametrize("code", [ProblemCode.TLS_TOO_OLD, ProblemCode.TLS_CERTIFICATE_HOSTNAME])
def test_openssl_understands_the_command(code: ProblemCode) -> None:
    """Nothing listens there: openssl fails to connect, and does not print its usage."""
    words = [word for word in command(about(code, address=("127.0.0.1", 9))) if word != "</dev/null"]
    done = subprocess.run(words, capture_output=True, check=False, timeout=30, stdin=subprocess.DEVNULL, text=True)
    assert "onnect" in done.stdout + done.stderr
    assert "sage:" not in done.stdout + done.stderr


def test_a_password_in_the_address_is_not_forwarded() -> None:
    text = about(ProblemCode.HTTP_FORBIDDEN, example="https://anna:secret@legacy.example/x.jpg")
    assert "secret" not in text
    assert "https://legacy.example/x.jpg" in text


def test_an_address_that_cannot_be_taken_apart_costs_no_report() -> None:
    assert "https://[x" in about(ProblemCode.HTTP_FORBIDDEN, example="https://[x")


def test_an_ipv6_address_stands_in_brackets_where_a_port_follows() -> None:
    text = about(ProblemCode.TLS_TOO_OLD, address=("2001:db8::1", 443))
    assert "[2001:db8::1]:443" in command(text)


def test_a_host_line_has_the_letter_of_its_most_frequent_trouble_that_its_people_can_mend() -> None:
    outcomes = [
        *(troubled(row, ProblemCode.IMAGE_TOO_LARGE) for row in (2, 3, 4)),
        *(troubled(row, ProblemCode.HTTP_NOT_FOUND) for row in (5, 6)),
        troubled(7, ProblemCode.HTTP_ERROR),
    ]
    (line,) = host_lines(outcomes)
    assert line.address == ("cdn.example.com", 443)
    assert "2 do not:\nhttps://cdn.example.com/img/5.jpg\nhttps://cdn.example.com/img/6.jpg\n\n" in line.letter
    assert "put the files back" in line.letter
    assert "That is so of https://cdn.example.com/img/7.jpg\nPlease look into the log" in line.letter
    assert "too large" not in line.letter


def test_each_file_that_has_to_be_put_back_is_named_as_long_as_a_letter_can_be_read() -> None:
    """What is wrong with the host as a whole needs one example."""
    urls = [f"https://anna:secret@legacy.example/{number}.jpg" for number in range(1_653)]
    text = letter("legacy.example", ("legacy.example", 443), [Trouble(ProblemCode.HTTP_NOT_FOUND, "Gone.", urls)])
    assert "1,653 do not:\nhttps://legacy.example/0.jpg\nhttps://legacy.example/1.jpg\n" in text
    assert "https://legacy.example/24.jpg\nand 1,628 more; we can send you the whole list\n\n" in text
    trouble = Trouble(ProblemCode.TLS_TOO_OLD, "Old.", urls)
    text = letter("legacy.example", ("legacy.example", 443), [trouble, Trouble(ProblemCode.HTTP_ERROR, "500.", urls)])
    assert text.count("https://legacy.example/") == 2
    assert "1,653 do not, for example https://legacy.example/0.jpg\n" in text
    assert "Besides: 500. That is so of 1,653 pictures there, for example https://legacy.example/0.jpg\n" in text
    assert "secret" not in text


def test_nobody_is_written_to_about_what_only_the_reader_can_mend() -> None:
    """A share link at a service, or a computer without a connection to the internet."""
    shared = problem(ProblemCode.NOT_AN_IMAGE, "It is a share page of Google Drive.", not_for_host=True)
    page = problem(ProblemCode.NOT_AN_IMAGE, "There is a web page at this address.")
    rows = [Outcome(image_row(row), Status.REJECTED, shared) for row in (2, 3)]
    (line,) = host_lines(rows)
    assert line.letter == ""
    assert line.problems == 2
    (line,) = host_lines([*rows, Outcome(image_row(4), Status.REJECTED, page)])
    assert line.letter.startswith(
        "Hello,\n\na picture of our shop is to come from cdn.example.com: https://cdn.example.com/img/4.jpg"
    )


def test_a_host_without_trouble_has_no_letter() -> None:
    (line,) = host_lines([uploaded(2)])
    assert line.letter == ""


def test_the_hosts_on_a_rows_way_are_those_of_the_table() -> None:
    shop, legacy = HostFinding("shop.example", 80), HostFinding("legacy.example", 443, "TLSv1")
    source = image_row(2, sent_url="http://shop.example/2.jpg")
    outcome = Outcome(source, Status.OK, finding=UrlFinding(hosts=(shop, legacy)))
    assert hosts_on_way(outcome) == (("shop.example", 80), ("legacy.example", 443))
    assert {line.address for line in host_lines([outcome])} == set(hosts_on_way(outcome))
    assert hosts_on_way(malformed(3)) == ()


def test_scripts_get_the_letters_as_well() -> None:
    trouble = problem(ProblemCode.HTTP_NOT_FOUND)
    hosts = as_dict(summarize([Outcome(image_row(2), Status.REJECTED, trouble)], RUN))["hosts"]
    assert isinstance(hosts, list)
    assert hosts[0]["letter"].startswith("Hello,")
