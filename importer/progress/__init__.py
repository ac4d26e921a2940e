"""Who listens to a run: bars on a terminal, plain lines elsewhere, a log for machines, or nobody.

`watching.py` says what a listener is told; `lines.py`, `bars.py` and `event_log.py` are the listeners.
"""

from importer.progress.choosing import watcher
from importer.progress.event_log import EventLog
from importer.progress.lines import Lines
from importer.progress.watching import Forecast, Several, Silence, Watcher

__all__ = ["EventLog", "Forecast", "Lines", "Several", "Silence", "Watcher", "watcher"]
