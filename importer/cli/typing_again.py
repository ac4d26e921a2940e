"""The command that was typed, as it can be typed again."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def typed(arguments: Sequence[str]) -> str:
    """The command as this computer's shell takes it. It never holds the access token: there is no option for that."""
    words = [*_program(), *arguments]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _program() -> list[str]:
    """How this program was started: by its name where the shell finds it, otherwise by its path."""
    script = Path(sys.argv[0])
    if script.name == "__main__.py":
        return [_below_here(sys.orig_argv[0]), "-m", "importer"]
    if script.stem != "importer":
        return ["importer"]
    found = shutil.which("importer")
    with suppress(OSError):
        if found and Path(found).samefile(script):
            return ["importer"]
    return [_below_here(sys.argv[0])]


def _below_here(path: str) -> str:
    """The path from the folder where the person works, if it is inside."""
    with suppress(ValueError, OSError):
        return str(Path(path).relative_to(Path.cwd()))
    return path
