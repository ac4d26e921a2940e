"""What to do next, in a few sentences, for the page and for the workbook alike."""

from collections.abc import Iterator

from importer.models import Status
from importer.report.summary import Summary
from importer.report.to_fix import TO_FIX


def advice(summary: Summary) -> tuple[str, ...]:
    """One sentence or two for each kind of rows that is left: to mend, not reached, ready but not sent."""
    if not summary.lines:
        return ("Check that the right file and sheet were chosen.",)
    return tuple(_what_is_left(summary)) or ("No row needs a correction.",)


def _what_is_left(summary: Summary) -> Iterator[str]:
    run, unreached = summary.run, summary.counts.get(Status.UNSENT, 0)
    ready = summary.counts.get(Status.OK, 0)
    if summary.to_mend:
        sends = ": it sends only what is not in the store yet" if run.command == "run" else ""
        yield (
            f"Mend these rows in {run.file} and run the same command again{sends}. Or mend them on the sheet "
            f"“{TO_FIX}” of results.xlsx, save it, and run that file with the same options"
            f"{'; it takes all rows that are left' if unreached or ready else ''}."
        )
    if probably := summary.counts.get(Status.PROBABLY_THERE, 0):
        yield _about_names(probably)
    if run.variants_left:
        yield about_variants(run.variants_left)
    if summary.differing:
        yield about_differences(summary.differing)
    if unreached:
        yield f"{_not_reached(unreached)} {_how_to_go_on(run.stopped_fix, unreached, resumes=not run.sandbox)}"
    if ready:
        rows, them = ("1 picture is", "it") if ready == 1 else (f"{ready:,} pictures are", "them")
        yield f"Nothing has been sent yet: {rows} ready, and “importer run” sends {them}."


def _about_names(count: int) -> str:
    """What may be done about pictures of which only the file name is known."""
    these, them = ("1 picture is", "it") if count == 1 else (f"{count:,} pictures are", "them")
    return (
        f"{these} only probably in the store: the product has a picture with the same file name. If the store's is "
        f"another one, send {them} with --existing add."
    )


def about_variants(count: int) -> str:
    """That so many pictures of variants only stand among the pictures of their products."""
    these, them = ("1 picture of a variant is", "it") if count == 1 else (f"{count:,} pictures of variants are", "them")
    return f"{these} not set on the variant itself; “importer run” with --variants image sets {them}."


def about_differences(count: int) -> str:
    """That so many pictures of the store are not quite what the file asks for."""
    differ, where = (
        ("1 picture that is there differs", "its row says")
        if count == 1
        else (f"{count:,} pictures that are there differ", "their rows say")
    )
    return f"{differ} from the file in alt text, position or thumbnail; {where} in what. Nothing was changed."


def _not_reached(rows: int) -> str:
    return "1 row was not reached." if rows == 1 else f"{rows:,} rows were not reached."


def _how_to_go_on(fix: str, rows: int, *, resumes: bool) -> str:
    """What has to be mended first, which is nothing in the rows themselves."""
    if fix:
        return fix
    nothing = "There is nothing to mend in it" if rows == 1 else "There is nothing to mend in them"
    again = "to go on where this run stopped" if resumes else "and it starts afresh with a new pretend store"
    return f"{nothing}: run the same command again {again}."
