"""Where the store's settings come from: flags, the credentials file, the environment, a .env file, in that order."""

import codecs
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from importer.errors import UsageError
from importer.settings import DEFAULT_API_URL, AccessToken, ConnectTo, NetworkSettings, StoreSettings

NO_CREDENTIALS = (
    "No store is set. In the BigCommerce control panel, open Settings > Store-level API accounts, create an account "
    "with the scope Products: modify, and pass the text file it offers for download with --credentials FILE "
    "(or set BIGCOMMERCE_STORE_HASH and BIGCOMMERCE_ACCESS_TOKEN). "
    "To try without an account, add --sandbox."
)
_LINE = re.compile(r"^\s*([A-Za-z][A-Za-z _-]*?)\s*:\s*(\S.*?)\s*$")
_API_PATH = re.compile(r"^(https?://[^/]+)/stores/([^/]+)(?:/.*)?$")
_MAX_FILE_BYTES = 100_000
_TOKEN = "BIGCOMMERCE_ACCESS_TOKEN"  # noqa: S105 - its name
_STEERING = ("BIGCOMMERCE_API_URL", "SSL_CERT_FILE", "IMPORTER_CONNECT_TO")
"""Settings that decide which computer the token reaches."""
_MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings by their names, and a sentence on those of a .env file that steer where the token goes."""

    settings: dict[str, str]
    remark: str = ""


def environment(folder: Path, process: Mapping[str, str], credentials: Path | None = None) -> Environment:
    """The settings of `folder`'s .env file, overruled by the process environment.

    A .env file may be a stranger's, unpacked together with the pictures. So what it says of the API's address, of
    authorities to trust and of redirected connections counts for the access token that stands in the same file alone.

    Args:
        folder: where the person works.
        process: the environment of the process.
        credentials: the credentials file, where one is named; its token is used then.

    Raises:
        UsageError: the .env file cannot be read, or names certificates that are not there.
    """
    path = folder / ".env"
    try:
        raw = path.read_bytes() if path.is_file() else b""
        text = raw.decode(_encoding(raw))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text file in UTF-8. Save it anew in your editor.") from None
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    from_file = {name: value.strip() for name, value in values.items() if value and value.strip()}
    other_token = credentials is not None or bool(process.get(_TOKEN, "").strip())
    steering = [name for name in _STEERING if name in from_file]
    if other_token or _TOKEN not in from_file:
        left = {name: value for name, value in from_file.items() if name not in {*_STEERING, _TOKEN}}
        why = f"such settings count only together with the access token of the same file ({_TOKEN})"
        return Environment(
            left | dict(process), f"{path}: {', '.join(steering)} left aside; {why}." if steering else ""
        )
    chosen = from_file | dict(process)
    if ca_file := from_file.get("SSL_CERT_FILE"):
        _expect_certificates(Path(ca_file), path)
        # OpenSSL reads the process's own variable by itself; what .env names is trusted besides it.
        chosen["SSL_CERT_FILE"] = ca_file
    used = [f"{name}={_shortened(from_file[name])}" for name in steering if chosen[name] == from_file[name]]
    return Environment(chosen, f"From {path}, beside its access token: {', '.join(used)}." if used else "")


def _shortened(value: str) -> str:
    return value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}…"


def _encoding(raw: bytes) -> str:
    """UTF-8, or UTF-16: Windows PowerShell writes it when output is sent to a file, and Notepad calls it Unicode."""
    return "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _expect_certificates(ca_file: Path, named_by: Path) -> None:
    if ca_file.is_file():
        return
    # `importer sandbox` makes them in a folder of that name and takes them away when it stops.
    what = "that is no file" if ca_file.exists() else "there is no such file"
    of_sandbox = ca_file.name == "ca.pem" and ca_file.parent.name.startswith("importer-sandbox-")
    remedy = "Correct it there, or delete that line."
    if of_sandbox:
        remedy = "It was left by a pretend store that has stopped: delete the file .env."
    raise UsageError(f"The setting SSL_CERT_FILE in {named_by} names {ca_file}, but {what}. {remedy}")


def read_credentials(path: Path) -> dict[str, str]:
    """The names and values of the text file that BigCommerce offers when an API account is made.

    Lines look like `ACCESS TOKEN: …` and `API PATH: https://api.bigcommerce.com/stores/<hash>/v3/`.

    Returns:
        a mapping from the upper-case name to its value.

    Raises:
        UsageError: the file cannot be read, or holds no access token.
    """
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise UsageError(f"{path} is too large for a credentials file.")
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The credentials file {path} cannot be read: {error.strerror}.") from None
    text = raw.decode(_encoding(raw), errors="replace")
    found = {" ".join(match[1].upper().split()): match[2] for line in text.splitlines() if (match := _LINE.match(line))}
    if "ACCESS TOKEN" not in found:
        raise UsageError(
            f"{path} has no line that starts with ACCESS TOKEN:. Use the text file that BigCommerce offers for "
            "download when an API account is made."
        )
    return found


def store_settings(
    env: Mapping[str, str], *, store_hash: str | None, api_url: str | None, credentials: Path | None
) -> StoreSettings | None:
    """The store that the flags, the credentials file and the environment name, or None where none is named.

    Raises:
        UsageError: only half of what is needed was given, or something given is malformed.
    """
    from_file = read_credentials(credentials) if credentials else {}
    path = _API_PATH.match(from_file.get("API PATH", ""))
    url = api_url or (path[1] if path else "") or env.get("BIGCOMMERCE_API_URL", "").strip() or DEFAULT_API_URL
    name = store_hash or (path[2] if path else "") or env.get("BIGCOMMERCE_STORE_HASH", "").strip()
    token = from_file.get("ACCESS TOKEN", "") or env.get(_TOKEN, "").strip()
    if not name and not token:
        return None
    if not token:
        raise UsageError(
            "A store hash is set, but no access token. Set BIGCOMMERCE_ACCESS_TOKEN, or pass the file that "
            "BigCommerce offers when an API account is made with --credentials FILE."
        )
    pasted = _API_PATH.match(url.rstrip("/"))
    name = name or (pasted[2] if pasted else "")
    if not name:
        raise UsageError("An access token is set, but no store hash. Set BIGCOMMERCE_STORE_HASH or --store-hash.")
    whole = _API_PATH.match(name)
    return StoreSettings(
        store_hash=whole[2] if whole else name,
        access_token=AccessToken(token),
        api_url=(pasted[1] if pasted else url).rstrip("/"),
    )


def network_settings(env: Mapping[str, str], connect_to: tuple[str, ...]) -> NetworkSettings:
    """The trusted authorities and redirected connections that the environment and `--connect-to` name.

    Raises:
        UsageError: SSL_CERT_FILE names no file, or an entry is malformed.
    """
    ca_file = env.get("SSL_CERT_FILE", "").strip()
    if ca_file and not Path(ca_file).is_file():
        # What .env names was looked for when that file was read.
        raise UsageError(
            f"The environment variable SSL_CERT_FILE names {ca_file}, but there is no such file. "
            "Correct it, or unset it."
        )
    entries = connect_to or tuple(env.get("IMPORTER_CONNECT_TO", "").split())
    return NetworkSettings(
        ca_file=Path(ca_file) if ca_file else None,
        connect_to=tuple(ConnectTo.parse(entry) for entry in entries),
    )
