"""The end of `check` and `run`: for a pipe as it stands, for a terminal as wide and as short as that is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import click

from importer.cli import ExitCode, printable
from importer.cli.next_step import NextStep
from importer.cli.plan_printing import plan_text
from importer.cli.terminal import wrapped
from importer.models import Status
from importer.pipeline import JobResult
from importer.report import ProblemGroup, Summary, about_differences, about_variants, rehearsal_of

MOST_ROWS = 15
"""Rows of a terminal of 80 columns that the end of a run takes at most."""
_GROUPS = 3
_COLOURS = {
    Status.UPLOADED: "green",
    Status.OK: "green",
    Status.REJECTED: "red",
    Status.FAILED: "red",
    Status.UNSENT: "yellow",
}


class Kind(Enum):
    """What a line of the summary is."""

    VERDICT = auto()
    COUNTS = auto()
    COMMAND = auto()
    PATH = auto()
    OTHER = auto()


_IN_ONE_PIECE = frozenset({Kind.COMMAND, Kind.PATH})
"""What a person copies; the terminal breaks it where it has to."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the summary.

    Attributes:
        text: in full.
        shorter: the same in fewer words, from long to short; None leaves the line out.
        hang: columns by which it is indented where it goes on in the next row.
        most: rows that it may take where there is no room for more.
    """

    text: str
    shorter: tuple[str | None, ...] = ()
    hang: int = 2
    most: int = 2
    kind: Kind = Kind.OTHER

    def told(self, brevity: int) -> str | None:
        """The text at a brevity: 0 in full, then step by step shorter."""
        words: Sequence[str | None] = (self.text, *self.shorter)
        return words[min(brevity, len(words) - 1)]


def summary_lines(result: JobResult, step: NextStep) -> list[Line]:
    """The verdict, the counts, the biggest problems, the report and what to do next."""
    summary = result.summary
    why = result.rule_broken or summary.run.stopped
    ending = [Line(step.sentence, (step.sentence, step.sentence, step.short))] if step.sentence else []
    if step.command:
        ending.append(Line(f"{'  ' if step.sentence else 'Next:  '}{step.command}", kind=Kind.COMMAND))
    blank = Line("", ("", None))
    if result.kept:
        return [blank, Line(f"{summary.run.file}: {why}", kind=Kind.VERDICT), Line(result.kept), *ending]
    lines = [blank, Line(f"{summary.run.file}: {summary.verdict}", kind=Kind.VERDICT)]
    # Who has just said no need not be told; the last line says what it means.
    if why and not result.declined:
        lines.append(Line(why))
    counts = f"  {_counts(summary)}"
    pretend = rehearsal_of(summary.run)
    brief = f"{counts} (pretend store)" if pretend else counts
    lines.append(Line(counts, (counts, counts, brief), hang=4, kind=Kind.COUNTS))
    if summary.differing:
        remark = about_differences(summary.differing)
        lines.append(
            Line(
                remark,
                (remark, f"{summary.differing:,} that are there differ from the file; their rows say in what."),
                most=1,
            )
        )
    if summary.run.variants_left and result.plan is None:
        remark = about_variants(summary.run.variants_left)
        lines.append(Line(remark, (remark, None)))
    lines += _problems(result)
    if result.plan is not None and summary.run.command == "check":
        lines.append(Line(plan_text(result.plan)))
    if report := _report(result):
        lines.append(Line(report, kind=Kind.PATH))
    if pretend:
        lines.append(Line(pretend, (pretend, pretend, None)))
    return lines + ending


def _counts(summary: Summary) -> str:
    """The lines of the report by how they ended; those that only repeat an earlier one apart."""
    counts = {status.replace("_", " "): count for status, count in summary.counts.items()}
    if summary.repeats:
        counts[Status.REJECTED] -= summary.repeats
        counts["only repeated"] = summary.repeats
    ends = ", ".join(f"{count:,} {words}" for words, count in counts.items() if count)
    rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
    return (
        ends if summary.rows == summary.lines else f"{rows} of the file, {summary.lines:,} lines of the report: {ends}"
    )


def plain_text(lines: Sequence[Line]) -> str:
    """The lines as they stand."""
    return printable("\n".join(line.text for line in lines))


def terminal_text(lines: Sequence[Line], width: int, room: int, code: int, *, coloured: bool) -> str:
    """The lines for a terminal: broken between words, and as brief as it takes to leave the top in sight.

    Args:
        lines: of the summary.
        width: columns.
        room: rows that they may take.
        code: the exit code, for the verdict's colour.
        coloured: whether the terminal takes colours.
    """
    laid: list[tuple[Line, list[str]]] = []
    for brevity in range(4):
        laid = [(line, _rows(line, text, width)) for line in lines if (text := line.told(brevity)) is not None]
        # What is longer than a row is broken by the terminal itself.
        if sum(max(1, -(-len(row) // width)) for _, rows in laid for row in rows) <= room:
            break
    else:
        laid = [(line, _cut(line, rows, width)) for line, rows in laid]
    if coloured:
        laid = [(line, _coloured(line, rows, code)) for line, rows in laid]
    return "\n".join(row for _, rows in laid for row in rows)


def _problems(result: JobResult) -> Iterator[Line]:
    groups = result.summary.to_mend
    more = len(groups) - _GROUPS
    if groups:
        heading = "To mend, most rows first:"
        brief = f"To mend, the biggest {_GROUPS} of {len(groups)} (all are in the report):" if more > 0 else heading
        yield Line(heading, (heading, brief))
    for group in groups[:_GROUPS]:
        start = f"  {group.count:>5,}  {group.code}"
        where = f"(row{'' if group.rows.isdecimal() else 's'} {group.rows})"
        first = _first_sentence(group)
        yield Line(f"{start} {where}: {group.fix}", (f"{start} {where}: {first}", f"{start}: {first}"), 9, 1)
    if more > 0:
        text = f"         and {more} more kind{'s of problems' if more > 1 else ' of problem'}, all in the report."
        yield Line(text, (text, None), hang=9)


def _first_sentence(group: ProblemGroup) -> str:
    return f"{re.split(r'[.;] ', group.fix.rstrip('.'), maxsplit=1)[0]}."


def _report(result: JobResult) -> str:
    """Where the report is: its page, which is the one to read, or what could be written of it."""
    if result.files.html in result.written:
        return f"Report: {result.files.html}"
    return f"Report, in part: {' and '.join(map(str, result.written))}" if result.written else ""


def _rows(line: Line, text: str, width: int) -> list[str]:
    """The rows that a text takes."""
    text = printable(text)
    return [text] if line.kind in _IN_ONE_PIECE else wrapped(text, width, line.hang)


def _cut(line: Line, rows: list[str], width: int) -> list[str]:
    """The first rows, as many as the line may take, and a sign that there were more."""
    if line.kind in _IN_ONE_PIECE or len(rows) <= line.most:
        return rows
    kept = rows[: line.most]
    return [*kept[:-1], f"{kept[-1][: width - 3].rstrip()} …"]


def _coloured(line: Line, rows: list[str], code: int) -> list[str]:
    if line.kind is Kind.VERDICT:
        colour = {ExitCode.FINE: "green", ExitCode.INCOMPLETE: "yellow"}.get(ExitCode(code), "red")
        return [click.style(row, fg=colour, bold=True) for row in rows]
    if line.kind is Kind.COUNTS:
        words = {status.replace("_", " "): colour for status, colour in _COLOURS.items()}
        pattern = re.compile(rf"[\d,]*\d ({'|'.join(words)})\b")
        return [pattern.sub(lambda found: click.style(found[0], fg=words[found[1]]), row) for row in rows]
    return rows
