"""The first room: a spreadsheet file becomes rows to import, with a problem on every row that cannot be one."""

from importer.loader.earlier_results import read_results
from importer.loader.file import load
from importer.loader.preview import preview
from importer.loader.sources import refuse_other_files
from importer.loader.template import write_template
from importer.loader.values import key, product_id

__all__ = ["key", "load", "preview", "product_id", "read_results", "refuse_other_files", "write_template"]
