"""How connections are made."""

import re
from dataclasses import dataclass
from pathlib import Path

from importer.errors import UsageError


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """Connections to `host`:`port` go to `address`:`to_port` instead, as with curl's --connect-to."""

    host: str
    port: int
    address: str
    to_port: int

    @classmethod
    def parse(cls, text: str) -> "ConnectTo":
        """Read `HOST:PORT:ADDRESS:PORT`.

        Raises:
            UsageError: the text has another form.
        """
        match = re.fullmatch(r"([^:\s]+):(\d{1,5}):([^:\s]+|\[[0-9a-fA-F:]+\]):(\d{1,5})", text.strip())
        if match is None:
            raise UsageError(f"--connect-to takes HOST:PORT:ADDRESS:PORT, not {text!r}.")
        host, port, address, to_port = match.groups()
        return cls(host.lower(), int(port), address.strip("[]"), int(to_port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}:{self.address}:{self.to_port}"


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How connections are made: extra trusted authorities (PEM) and redirected connections."""

    ca_file: Path | None = None
    connect_to: tuple[ConnectTo, ...] = ()

    def __post_init__(self) -> None:
        if self.ca_file is not None and not self.ca_file.is_file():
            raise UsageError(f"SSL_CERT_FILE names {self.ca_file}, but there is no such file.")
