"""The hosts that the pictures come from, with the text to forward to whoever runs one that is in trouble."""

from collections.abc import Iterable, Iterator

from importer.report.hosts import HostLine
from importer.report.sheet_rows import Line
from importer.report.styles import Styles

HOSTS = "Hosts"
HOST_COLUMNS = {
    "Host": 34,
    "Addresses": 11,
    "Pictures": 9,
    "Problems": 10,
    "Encryption": 14,
    "Verdict": 60,
    "Codes": 26,
    "Text to forward": 100,
}
"""The headers, and the widths of their columns in characters."""


def host_sheet_lines(hosts: Iterable[HostLine], styles: Styles) -> Iterator[Line]:
    """The line of each host, long text wrapped."""
    for host in hosts:
        cells = [(value, styles.top) for value in (host.host, host.urls, host.rows, host.problems, host.encryption)]
        codes = ", ".join(code.value for code in host.codes)
        yield Line([*cells, *((text, styles.wrapped) for text in (host.verdict, codes, host.letter))])
