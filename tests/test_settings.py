"""Where the store's settings come from, in which order, and what is refused before anything is sent."""

from pathlib import Path

import pytest

from importer.credentials import environment, network_settings, store_settings
from importer.errors import UsageError
from importer.settings import (
    AccessToken,
    CheckSettings,
    ConnectTo,
    LoaderSettings,
    Reserve,
    StoreSettings,
    UploadSettings,
)

DOWNLOAD = """ACCESS TOKEN: file-token-123
CLIENT NAME: Import
CLIENT ID: abc
CLIENT SECRET: s3cret
NAME: Import
API PATH: https://api.bigcommerce.com/stores/filehash/v3/
"""
ENV = {"BIGCOMMERCE_STORE_HASH": "envhash", "BIGCOMMERCE_ACCESS_TOKEN": "env-token"}


def found(env: dict[str, str], **given: object) -> StoreSettings | None:
    flags: dict[str, object] = {"store_hash": None, "api_url": None, "credentials": None} | given
    return store_settings(env, **flags)  # type: ignore[arg-type]


def test_nothing_given_is_no_store() -> None:
    assert found({}) is None


def test_the_environment_is_enough() -> None:
    store = found(ENV)
    assert store is not None
    assert (store.store_hash, store.access_token.reveal()) == ("envhash", "env-token")
    assert store.api_url == "https://api.bigcommerce.com"


def test_the_downloaded_credentials_file_is_enough_and_wins_over_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "BigCommerceAPI-credentials.txt"
    path.write_text(DOWNLOAD)
    store = found(ENV, credentials=path)
    assert store is not None
    assert (store.store_hash, store.access_token.reveal()) == ("filehash", "file-token-123")


def test_flags_win_over_everything(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_text(DOWNLOAD)
    store = found(ENV, credentials=path, store_hash="flaghash", api_url="https://api.example/")
    assert store is not None
    assert (store.store_hash, store.api_url) == ("flaghash", "https://api.example")


@pytest.mark.parametrize("pasted", ["https://api.bigcommerce.com/stores/abc123/v3/", "https://x.example/stores/abc123"])
def test_a_pasted_api_path_is_understood(pasted: str) -> None:
    store = found({"BIGCOMMERCE_ACCESS_TOKEN": "t"}, store_hash=pasted)
    assert store is not None
    assert store.store_hash == "abc123"


def test_the_dot_env_file_gives_way_to_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('BIGCOMMERCE_STORE_HASH="from-file"\nBIGCOMMERCE_ACCESS_TOKEN=file\n')
    env = environment(tmp_path, {"BIGCOMMERCE_STORE_HASH": "from-process"})
    assert env.settings == {"BIGCOMMERCE_STORE_HASH": "from-process", "BIGCOMMERCE_ACCESS_TOKEN": "file"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_dot_env_file_as_windows_writes_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_text("BIGCOMMERCE_STORE_HASH=abc\r\n", encoding=encoding)
    assert environment(tmp_path, {}).settings == {"BIGCOMMERCE_STORE_HASH": "abc"}


def test_a_dot_env_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BIGCOMMERCE_STORE_HASH=\xff\x00")
    with pytest.raises(UsageError, match="not a text file"):
        environment(tmp_path, {})


def test_certificates_that_dot_env_names_win_because_openssl_reads_the_process_own(tmp_path: Path) -> None:
    ours = tmp_path / "of-the-sandbox.pem"
    ours.touch()
    (tmp_path / ".env").write_text(f"BIGCOMMERCE_ACCESS_TOKEN=own\nSSL_CERT_FILE={ours}\n")
    found = environment(tmp_path, {"SSL_CERT_FILE": "of-the-system.pem"})
    assert found.settings["SSL_CERT_FILE"] == str(ours)


@pytest.mark.parametrize(
    ("env", "given", "message"),
    [
        ({"BIGCOMMERCE_STORE_HASH": "x"}, {}, "no access token"),
        ({"BIGCOMMERCE_ACCESS_TOKEN": "x"}, {}, "no store hash"),
        (ENV, {"store_hash": "not a hash"}, "is not a store hash"),
        (ENV, {"api_url": "http://api.bigcommerce.com"}, "unencrypted"),
        (ENV, {"api_url": "api.bigcommerce.com"}, "is not an API address"),
        (ENV, {"api_url": "https://user:pass@api.example"}, "is not an API address"),
        ({**ENV, "BIGCOMMERCE_ACCESS_TOKEN": "two words"}, {}, "spaces or line breaks"),
        (ENV, {"credentials": Path("no-such-file.txt")}, "cannot be read"),
    ],
)
def test_what_is_half_or_wrong_is_one_clear_sentence(
    env: dict[str, str], given: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        found(env, **given)
    assert "two words" not in str(raised.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_credentials_file_is_read_however_an_editor_saved_it(tmp_path: Path, encoding: str) -> None:
    """Notepad calls UTF-16 with a mark at its beginning Unicode, and offers it in either order of bytes."""
    mark = "\ufeff" if encoding.endswith("e") else ""
    path = tmp_path / "credentials.txt"
    text = "ACCESS TOKEN: saved-token\r\nAPI PATH: https://api.bigcommerce.com/stores/saved/v3/\r\n"
    path.write_bytes(f"{mark}{text}".encode(encoding))
    store = found({}, credentials=path)
    assert store is not None
    assert (store.store_hash, store.access_token.reveal()) == ("saved", "saved-token")


def test_what_cannot_be_read_of_a_credentials_file_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "credentials.txt"
    path.write_bytes("\ufeffACCESS TOKEN saved-token".encode("utf-16-le") + b"\x00")
    with pytest.raises(UsageError, match="ACCESS TOKEN:") as raised:
        found({}, credentials=path)
    assert "saved" not in str(raised.value)


def test_a_file_without_a_token_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("shopping list")
    with pytest.raises(UsageError, match="ACCESS TOKEN"):
        found({}, credentials=path)


def test_plain_http_is_for_this_computer_alone() -> None:
    assert found(ENV, api_url="http://127.0.0.1:8080") is not None


def test_the_token_shows_in_no_repr() -> None:
    store = found(ENV)
    assert "env-token" not in f"{store!r} {store} {AccessToken('env-token')!r} {AccessToken('env-token')}"


def test_redirected_connections_come_from_the_flag_or_the_environment() -> None:
    entry = ConnectTo("a.example", 443, "127.0.0.1", 4443)
    assert network_settings({"IMPORTER_CONNECT_TO": " A.example:443:127.0.0.1:4443 "}, ()).connect_to == (entry,)
    six = network_settings({}, ("b.example:80:[::1]:8080",)).connect_to
    assert six == (ConnectTo("b.example", 80, "::1", 8080),)
    with pytest.raises(UsageError, match="HOST:PORT:ADDRESS:PORT"):
        network_settings({}, ("a.example",))


def test_a_missing_certificate_file_is_named() -> None:
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        network_settings({"SSL_CERT_FILE": "/no/such/file.pem"}, ())


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: CheckSettings(concurrency=0), "--check-concurrency"),
        (lambda: CheckSettings(per_host=0), "--per-host"),
        (lambda: CheckSettings(timeout=0), "--timeout"),
        (lambda: CheckSettings(timeout=float("nan")), "--timeout"),
        (lambda: UploadSettings(concurrency=0), "--concurrency"),
        (lambda: LoaderSettings(max_url_length=0), "--max-url-length"),
        (lambda: LoaderSettings(max_url_length=8193), "--max-url-length"),
    ],
)
def test_numbers_that_cannot_work_are_refused(build: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build()  # type: ignore[operator]


@pytest.mark.parametrize("name", ["", " Ruby", "Ruby\r\nX-Token: 1", "Rüby", "a\tb"])
def test_a_user_agent_that_no_header_may_hold_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--user-agent"):
        CheckSettings(user_agent=name)


@pytest.mark.parametrize(
    ("text", "quota", "left_alone"),
    [("0", 150, 0), ("15", 150, 15), ("10%", 150, 15), ("12.5%", 80, 10), ("500", 150, 149), ("99%", 1, 0)],
)
def test_a_reserve_is_a_number_of_requests_or_a_share_and_leaves_us_one(text: str, quota: int, left_alone: int) -> None:
    assert Reserve.parse(text).of(quota) == left_alone


@pytest.mark.parametrize("text", ["", "many", "-1", "100%", "1.5", "10 %%"])
def test_any_other_reserve_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--reserve"):
        Reserve.parse(text)


def test_the_store_gets_a_minute_at_least_for_an_answer_since_it_downloads_the_picture_first() -> None:
    assert UploadSettings().timeout >= 60
