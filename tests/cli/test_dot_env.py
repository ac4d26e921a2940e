"""What a pretend store leaves behind in a `.env` file, and what is said of it when it stops and later."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from importer.credentials import environment, network_settings
from importer.errors import UsageError
from importer.sandbox import Sandbox
from tests.conftest import Program, results

OWN_TOKEN = "BIGCOMMERCE_ACCESS_TOKEN=own\n"
LEFT_BEHIND = "It was left by a pretend store that has stopped: delete the file .env."


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as Unix sends it")
def test_a_dot_env_file_of_a_stopped_sandbox_is_told_from_the_start_to_the_end(program: Program) -> None:
    with program.sandbox_in_dot_env() as store:
        store.send_signal(signal.SIGINT)
        _, said = store.communicate(timeout=30)
    assert store.returncode == 0
    assert "has stopped" in said
    assert "If you made a file .env of its settings, delete it now" in said

    sheet = program.sheet([[1, "https://a.example/a.jpg"]])
    done = program.run("check", sheet)
    assert done.returncode == 2
    assert f"SSL_CERT_FILE in {program.folder / '.env'} names" in done.stderr
    assert LEFT_BEHIND in done.stderr

    (program.folder / ".env").unlink()
    assert "SSL_CERT_FILE" not in program.run("check", sheet).stderr


@pytest.mark.parametrize(
    ("folder", "name", "remedy"),
    [
        ("importer-sandbox-jgtl32t4", "ca.pem", LEFT_BEHIND),
        ("certificates", "ca.pem", "Correct it there, or delete that line."),
        ("importer-sandbox-notes", "mine.pem", "Correct it there, or delete that line."),
    ],
)
def test_certificates_that_dot_env_names_and_nobody_has(tmp_path: Path, folder: str, name: str, remedy: str) -> None:
    lost = tmp_path / folder / name
    (tmp_path / ".env").write_text(f"{OWN_TOKEN}SSL_CERT_FILE={lost}\n", encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        environment(tmp_path, {"SSL_CERT_FILE": str(tmp_path)})
    start = f"The setting SSL_CERT_FILE in {tmp_path / '.env'} names {lost}, but there is no such file."
    assert str(raised.value) == f"{start} {remedy}"


def test_certificates_that_are_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{OWN_TOKEN}SSL_CERT_FILE={tmp_path}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="but that is no file"):
        environment(tmp_path, {})


def test_certificates_that_the_environment_names_and_nobody_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        network_settings(environment(tmp_path, {"SSL_CERT_FILE": "/no/such/file.pem"}).settings, ())
    start = "The environment variable SSL_CERT_FILE names /no/such/file.pem, but there is no such file."
    assert str(raised.value) == f"{start} Correct it, or unset it."


@pytest.fixture
def thief() -> Iterator[tuple[int, list[bytes]]]:
    """A server of somebody else: its port, and what it was sent by each connection."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(1)
                    with suppress(OSError):
                        heard.append(connection.recv(4096))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield listener.getsockname()[1], heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.mark.parametrize("token", ["credentials", "environment"])
@pytest.mark.parametrize(
    "planted",
    [
        "BIGCOMMERCE_API_URL=http://127.0.0.1:{thief}",
        "BIGCOMMERCE_API_URL=http://localhost:9\nIMPORTER_CONNECT_TO=localhost:9:127.0.0.1:{thief}",
        "IMPORTER_CONNECT_TO=localhost:{store}:127.0.0.1:{thief}\nSSL_CERT_FILE={authority}",
    ],
)
def test_a_strangers_dot_env_never_steers_where_the_own_token_goes(
    program: Program, store: Sandbox, thief: tuple[int, list[bytes]], planted: str, token: str
) -> None:
    port, heard = thief
    authority = program.folder / "stranger.pem"
    authority.write_text("no certificate", encoding="utf-8")
    own = store.api_url.rpartition(":")[2]
    text = planted.format(thief=port, store=own, authority=authority)
    (program.folder / ".env").write_text(text, encoding="utf-8")
    sheet = program.sheet([[1, "https://a.invalid/a.jpg"]])
    key = program.folder / "key.txt"
    path = f"https://localhost:{own}/stores/{store.store_hash}/v3/"
    key.write_text(f"ACCESS TOKEN: {store.access_token}\nAPI PATH: {path}\n", encoding="utf-8")
    mine = {"SSL_CERT_FILE": str(store.ca_file)}
    if token == "credentials":
        given = ["--credentials", str(key)]
    else:
        mine["BIGCOMMERCE_ACCESS_TOKEN"] = store.access_token
        given = ["--store-hash", store.store_hash, "--api-url", f"https://localhost:{own}"]
    command = ["env", *(f"{name}={value}" for name, value in mine.items()), sys.executable, "-m", "importer"]
    done = program.finished([*command, "check", str(sheet), *given])
    assert heard == []
    assert done.returncode == 3, done.stderr
    assert results(program.folder / "rows-results")[0]["code"] == "dns_not_found"
    assert f"{program.folder / '.env'}: " in done.stderr
    assert "left aside" in done.stderr


def test_what_a_dot_env_steers_beside_its_own_token_is_announced(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{OWN_TOKEN}BIGCOMMERCE_API_URL=https://api.example\n", encoding="utf-8")
    found = environment(tmp_path, {})
    assert found.settings["BIGCOMMERCE_API_URL"] == "https://api.example"
    assert (
        found.remark == f"From {tmp_path / '.env'}, beside its access token: BIGCOMMERCE_API_URL=https://api.example."
    )
    own = environment(tmp_path, {"BIGCOMMERCE_API_URL": "https://other.example"})
    assert (own.settings["BIGCOMMERCE_API_URL"], own.remark) == ("https://other.example", "")


def test_a_dot_env_token_is_not_taken_where_another_is_given(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{OWN_TOKEN}BIGCOMMERCE_STORE_HASH=abc\n", encoding="utf-8")
    assert environment(tmp_path, {}, tmp_path / "key.txt").settings == {"BIGCOMMERCE_STORE_HASH": "abc"}


def test_plain_http_is_judged_by_the_computer_connected_to(program: Program, thief: tuple[int, list[bytes]]) -> None:
    _, heard = thief
    sheet = program.sheet([[1, "https://a.invalid/a.jpg"]])
    api = ("--store-hash", "abc123", "--api-url", "http://localhost:9", "--connect-to", "localhost:9:192.0.2.1:80")
    done = program.run("check", sheet, *api, token="my-own-token")
    assert done.returncode == 2
    assert "would send the access token unencrypted to 192.0.2.1" in done.stderr
    assert heard == []
