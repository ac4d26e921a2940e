"""What lies behind a workbook's values: links, formulas, hidden rows and the size of each sheet.

The values themselves are read elsewhere, by a library that gives neither links nor formulas. This package also looks
at the file before that library does, and refuses what would fill the memory or is damaged.
"""

from importer.loader.hyperlinks.inserted import inserted_pictures
from importer.loader.hyperlinks.links import read_links
from importer.loader.hyperlinks.sheet_links import SheetLinks

__all__ = ["SheetLinks", "inserted_pictures", "read_links"]
