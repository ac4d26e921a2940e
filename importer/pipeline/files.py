"""Files on the way in, and the folders that belong to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from importer.loaded import LoadedFile
from importer.loader import load, refuse_other_files
from importer.models import ImageRow, SkippedRow
from importer.pipeline.events import tell_loaded
from importer.pipeline.rounds import is_results
from importer.pipeline.stages import stage
from importer.pipeline.store_pictures import looks_like_id
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


@dataclass(frozen=True, slots=True)
class RehearsalStock:
    """The products that spreadsheets name, for a pretend store to hold.

    Attributes:
        products: by id or SKU, each as (id or None, SKU or empty).
        families: those with variants, each as (id or None, own SKU or empty, SKUs of the variants).
    """

    products: tuple[tuple[int | None, str], ...] = ()
    families: tuple[tuple[int | None, str, tuple[str, ...]], ...] = ()


def rehearsal_stock(files: Iterable[LoadedFile]) -> RehearsalStock:
    """What a pretend store needs to know the products of these files, those without pictures and problems included."""
    products: dict[tuple[int | None, str], None] = {}
    families: dict[tuple[int | None, str], tuple[str, dict[str, None]]] = {}
    for row in chain.from_iterable(loaded.rows for loaded in files):
        if isinstance(row, ImageRow):
            number = row.product_id
        elif isinstance(row, SkippedRow) and (row.family or row.main_sku):
            number = int(row.product_id) if looks_like_id(row.product_id) else None
        else:
            continue
        if not row.family and not row.main_sku:
            products[number, row.sku] = None
        elif row.sku.strip():
            family = (number, "") if number is not None else (None, row.family)
            _, skus = families.setdefault(family, (row.main_sku, {}))
            skus[row.sku.strip()] = None
    several = list[tuple[int | None, str, tuple[str, ...]]]()
    for (number, _), (main, skus) in families.items():
        # One SKU alone is that of a product without options.
        own = main or (next(iter(skus)) if len(skus) == 1 else "")
        variants = tuple(sku for sku in skus if sku != own)
        if variants:
            several.append((number, own, variants))
        else:
            products[number, own] = None
    return RehearsalStock(tuple(products), tuple(several))


def image_rows(loaded: LoadedFile) -> list[ImageRow]:
    """The rows of a file that name a product and a picture."""
    return [row for row in loaded.rows if isinstance(row, ImageRow)]
