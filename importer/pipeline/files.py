"""Files on the way in, and the folders that belong to them."""

from pathlib import Path

from importer.loaded import LoadedFile
from importer.loader import load, refuse_other_files
from importer.models import ImageRow
from importer.pipeline.events import tell_loaded
from importer.pipeline.rounds import is_results
from importer.pipeline.stages import stage
from importer.progress import Silence, Watcher
from importer.settings import LoaderSettings
from importer.uploader import JOURNAL_NAME


def load_file(path: Path, settings: LoaderSettings | None = None, watcher: Watcher | None = None) -> LoadedFile:
    """The first room, with progress.

    Raises:
        FileError: the file cannot be read or understood.
        UsageError: a setting does not fit the file.
    """
    watcher = watcher or Silence()
    refuse_other_files(path)  # before a bar is drawn for nothing
    with stage(watcher, "load", None):
        loaded = load(path, settings, watch=watcher.advance)
    tell_loaded(watcher, loaded.rows)
    return loaded


def results_folder(file: Path, loaded: LoadedFile, *, sandbox: bool) -> Path:
    """Where the report of a file goes by default; a rehearsal never writes over the report of a real import.

    The results of an earlier run are carried on where they lie.
    """
    folder = file.parent if is_results(file, loaded) else file.parent / f"{file.stem}-results"
    if sandbox and (folder / JOURNAL_NAME).exists():
        return folder.with_name(f"{folder.name.removesuffix('-results')}-sandbox-results")
    return folder


def continued_journal(file: Path, loaded: LoadedFile) -> Path | None:
    """Where the journal of the import lies that this file continues, as results do; None for any other file."""
    return file.parent if loaded.layout == "results" and (file.parent / JOURNAL_NAME).exists() else None


def image_rows(loaded: LoadedFile) -> list[ImageRow]:
    """The rows of a file that name a product and a picture."""
    return [row for row in loaded.rows if isinstance(row, ImageRow)]
