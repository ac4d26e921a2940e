"""A computer without the internet: told once, instead of as the fault of every host."""

import socket
from collections.abc import Iterable, Sequence
from dataclasses import replace

from importer.models import Checked, Problem, ProblemCode, UrlFinding
from importer.net import Resolver
from importer.problems import problem

OFFLINE = "This computer seems to have no connection to the internet: none of the pictures' hosts could be looked up."
OFFLINE_FIX = "Check this computer's connection to the internet, and run the same command again."
_ROW = "This computer seems to have no connection to the internet, so the address was not checked."
_WITNESS = "bigcommerce.com"
"""A name that exists, where pictures are to be sent in any case."""
_NEVER_THERE = (".invalid", ".example", ".test", ".localhost")
"""Names that nobody has (RFC 2606); that they are not found says nothing."""
_SOMEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses for documentation (RFC 5737, RFC 3849), to which nothing is sent."""


def is_offline(items: Iterable[Checked]) -> bool:
    """Whether rows were left unchecked because this computer is offline."""
    return any(item.problem is not None and item.problem.detail == _ROW for item in items)


async def offline(findings: Sequence[UrlFinding], resolver: Resolver) -> bool:
    """Whether a check that reached no host at all shows that this computer is offline.

    Where DNS knows no name and none of them is the fault of a spelling for certain, one look-up of a name that does
    exist tells.

    Args:
        findings: of all addresses of the check.
        resolver: looks names up.
    """
    failed = {host.host: host.problem for finding in findings for host in finding.hosts if host.problem is not None}
    reached = any(host.problem is None for finding in findings for host in finding.hosts)
    if reached or not failed or not all(map(_unreached, failed.values())):
        return False
    if not _has_route():
        return True
    silent = any("no answer from DNS" in trouble.detail for trouble in failed.values())
    if not silent and all(host.endswith(_NEVER_THERE) for host in failed):
        return False
    try:
        await resolver.lookup(_WITNESS, 443)
    except OSError:
        return True
    return False


def without_blame(item: Checked) -> Checked:
    """The same row without a word on its host, which was never asked."""
    finding, trouble = item.finding, item.problem
    if finding is None or trouble is None or not _unreached(trouble):
        return item
    ours = problem(trouble.code, _ROW, fix=OFFLINE_FIX, not_for_host=True)
    hosts = tuple(replace(host, problem=ours if host.problem is not None else None) for host in finding.hosts)
    return replace(item, problem=ours, finding=replace(finding, problem=ours, hosts=hosts))


def _unreached(trouble: Problem) -> bool:
    """Whether a host was not found, or there is no way to it."""
    return trouble.code is ProblemCode.DNS_NOT_FOUND or "no route to the host" in trouble.detail


def _has_route() -> bool:
    """Whether this computer knows a way to anywhere; connecting a datagram socket sends nothing."""
    for family, address in _SOMEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, 9))
                return True
        except OSError:
            continue
    return False
