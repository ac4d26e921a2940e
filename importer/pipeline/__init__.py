"""The only room that knows the order: load, check, upload, report. Open `run.py` first."""

from importer.pipeline.files import continued_journal, image_rows, load_file, rehearsal_stock, results_folder
from importer.pipeline.job import Job, JobResult, Plan
from importer.pipeline.rounds import earlier_outcomes
from importer.pipeline.run import check_file, run_file
from importer.pipeline.store_pictures import (
    NO_PICTURE,
    Asked,
    Pictureless,
    PicturelessProducts,
    looks_like_id,
    named_products,
    pictureless_products,
    product_images,
)
from importer.pipeline.undoing import UndoEnd, UndoJob, undo_import
from importer.uploader import UndoSurvey

__all__ = [
    "NO_PICTURE",
    "Asked",
    "Job",
    "JobResult",
    "Pictureless",
    "PicturelessProducts",
    "Plan",
    "UndoEnd",
    "UndoJob",
    "UndoSurvey",
    "check_file",
    "continued_journal",
    "earlier_outcomes",
    "image_rows",
    "load_file",
    "looks_like_id",
    "named_products",
    "pictureless_products",
    "product_images",
    "rehearsal_stock",
    "results_folder",
    "run_file",
    "undo_import",
]
