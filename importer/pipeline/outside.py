"""Which computers a rehearsal with the pretend store has asked for pictures besides this one."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from importer.models import Checked, ProblemCode
from importer.settings import NetworkSettings


def hosts_outside(checked: Sequence[Checked], network: NetworkSettings) -> tuple[str, ...]:
    """The hosts of the pictures that were looked for and that are neither pretended nor this computer.

    Args:
        checked: the rows after the check.
        network: leads to the pretend hosts.
    """
    pretended = {entry.host for entry in network.connect_to}
    asked: dict[str, None] = {}
    for item in checked:
        private = item.problem is not None and item.problem.code is ProblemCode.URL_PRIVATE
        if item.finding is not None and not private:
            asked.setdefault(urlsplit(item.row.sent_url).hostname or "")
            asked.update(dict.fromkeys(host.host for host in item.finding.hosts))
    return tuple(host for host in asked if host.rstrip(".") not in pretended and not _is_here(host))


def _is_here(host: str) -> bool:
    """Whether no other computer hears of the host: this one, or a name that is never looked up (RFC 6761)."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.rstrip(".").rpartition(".")[2] in {"", "localhost", "invalid"}
