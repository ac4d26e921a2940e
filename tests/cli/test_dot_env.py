"""What a pretend store leaves behind in a `.env` file, and what is said of it when it stops and later."""

import signal
import sys
from pathlib import Path

import pytest

from importer.credentials import environment, network_settings
from importer.errors import UsageError
from tests.conftest import Program

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

    key = program.folder / "key.txt"
    key.write_text("ACCESS TOKEN: t\nAPI PATH: https://127.0.0.1:9/stores/abc123/v3/\n", encoding="utf-8")
    sheet = program.sheet([[1, "https://a.example/a.jpg"]])
    done = program.run("check", sheet, "--credentials", key)
    assert done.returncode == 2
    assert f"SSL_CERT_FILE in {program.folder / '.env'} names" in done.stderr
    assert LEFT_BEHIND in done.stderr

    (program.folder / ".env").unlink()
    assert "SSL_CERT_FILE" not in program.run("check", sheet, "--credentials", key).stderr


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
    (tmp_path / ".env").write_text(f"SSL_CERT_FILE={lost}\n", encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        environment(tmp_path, {"SSL_CERT_FILE": str(tmp_path)})
    start = f"The setting SSL_CERT_FILE in {tmp_path / '.env'} names {lost}, but there is no such file."
    assert str(raised.value) == f"{start} {remedy}"


def test_certificates_that_are_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SSL_CERT_FILE={tmp_path}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="but that is no file"):
        environment(tmp_path, {})


def test_certificates_that_the_environment_names_and_nobody_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        network_settings(environment(tmp_path, {"SSL_CERT_FILE": "/no/such/file.pem"}), ())
    start = "The environment variable SSL_CERT_FILE names /no/such/file.pem, but there is no such file."
    assert str(raised.value) == f"{start} Correct it, or unset it."
