"""Which listener suits."""

import sys
from typing import TextIO

from importer.progress.lines import Lines
from importer.progress.watching import Silence, Watcher


def watcher(*, quiet: bool) -> Watcher:
    """The watcher that suits where standard error goes, if it goes anywhere."""
    stream: TextIO | None = sys.stderr
    if quiet or stream is None:
        return Silence()
    return _bars(stream) if stream.isatty() else Lines(stream)


def _bars(stream: TextIO) -> Watcher:
    # tqdm is loaded for who sees it.
    from importer.progress.bars import Bars

    return Bars(stream)
