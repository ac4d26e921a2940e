"""The only room that knows the order: load, check, upload, report. Open `run.py` first."""

from importer.pipeline.files import image_rows, journal_folder, load_file, results_folder
from importer.pipeline.job import Job, JobResult, Plan
from importer.pipeline.run import check_file, run_file
from importer.pipeline.store_pictures import product_images

__all__ = [
    "Job",
    "JobResult",
    "Plan",
    "check_file",
    "image_rows",
    "journal_folder",
    "load_file",
    "product_images",
    "results_folder",
    "run_file",
]
