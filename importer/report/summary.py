"""What the outcomes of a run add up to: counts, one sentence, what to mend first and which hosts stand in the way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from importer.models import Outcome, ProblemCode, RunInfo, Status, Traffic
from importer.problems import ADVICE
from importer.report.columns import detail_of
from importer.report.hosts import HostLine, host_lines
from importer.report.verdict import STATUS_WORDS, verdict_of

_TROUBLE = frozenset({Status.REJECTED, Status.FAILED})
_MOST_ROW_REFERENCES = 12
_MOST_HOSTS = 5


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """All rows that share one problem code.

    Attributes:
        code: the code.
        meaning: what it means, in a merchandiser's words.
        fix: the usual way to mend it.
        count: the rows that have it.
        rows: their row numbers for people, such as `2, 9 and 40 more`, with the sheet's name where there are several.
        example: what happened to the first of them.
    """

    code: ProblemCode
    meaning: str
    fix: str
    count: int
    rows: str
    example: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The run as a whole.

    Attributes:
        run: what was run on which file.
        rows: the data rows of the file.
        lines: those of the report: a row that names several pictures has one for each.
        counts: lines per status that occurs, best first; they add up to `lines`.
        codes: lines per problem code that occurs, most first.
        hosts: the hosts on the way to the pictures, those in trouble first, then most pictures.
        groups: what to mend, most pictures first.
        repeats: rejected lines that only repeat an earlier one.
        verdict: one or two sentences in plain words.
        differing: rows whose picture is in the store with another alt text, position or thumbnail than they ask for.
    """

    run: RunInfo
    rows: int
    lines: int
    counts: Mapping[Status, int]
    codes: Mapping[ProblemCode, int]
    hosts: tuple[HostLine, ...]
    groups: tuple[ProblemGroup, ...]
    repeats: int
    verdict: str
    differing: int = 0

    @property
    def tally(self) -> str:
        """What is counted, as a sentence; empty where rows and lines are the same."""
        if self.rows == self.lines:
            return ""
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return f"The file has {rows}; the report has {self.lines:,} lines, one for each picture that a row names."

    @property
    def to_mend(self) -> tuple[ProblemGroup, ...]:
        """The groups without the rows that only repeat an earlier one, which carries their picture."""
        return tuple(group for group in self.groups if group.code is not ProblemCode.URL_DUPLICATE)


def summarize(outcomes: Sequence[Outcome], run: RunInfo) -> Summary:
    """The summary of a run whose rows ended so."""
    found = Counter(outcome.status for outcome in outcomes)
    counts = {status: found[status] for status in STATUS_WORDS if found[status]}
    groups = _problem_groups(outcomes)
    codes = Counter(outcome.problem.code for outcome in outcomes if outcome.problem)
    repeats = sum(
        outcome.status in _TROUBLE and outcome.problem.code is ProblemCode.URL_DUPLICATE
        for outcome in outcomes
        if outcome.problem
    )
    return Summary(
        run=run,
        rows=len({(outcome.source.sheet, outcome.source.row) for outcome in outcomes}),
        lines=len(outcomes),
        counts=counts,
        codes=dict(codes.most_common()),
        hosts=host_lines(outcomes),
        groups=groups,
        repeats=repeats,
        verdict=verdict_of(counts, run, repeats),
        differing=sum(outcome.differs for outcome in outcomes),
    )


def rehearsal_of(run: RunInfo) -> str:
    """What a rehearsal means for the world outside, in a sentence or two; empty for a run on a real store."""
    if not run.sandbox:
        return ""
    if not run.hosts_outside:
        return "This was the pretend store: nothing has left this computer."
    shown = ", ".join(run.hosts_outside[:_MOST_HOSTS])
    more = len(run.hosts_outside) - _MOST_HOSTS
    hosts = f"{shown} and {more:,} more" if more > 0 else shown
    return f"This was the pretend store: no real store was asked. The pictures were asked for at {hosts}."


def as_dict(summary: Summary) -> dict[str, object]:
    """The summary as plain values for `json.dumps`, for scripts."""
    run = summary.run
    return {
        "command": run.command,
        "file": run.file,
        "store": run.store,
        "sandbox": run.sandbox,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "stopped": run.stopped,
        "stopped_fix": run.stopped_fix,
        "hosts_outside": run.hosts_outside,
        "verdict": summary.verdict,
        "traffic": _traffic(run.traffic),
        "rows": summary.rows,
        "lines": summary.lines,
        "counts": {status.value: count for status, count in summary.counts.items()},
        "differing": summary.differing,
        "variants_left": run.variants_left,
        "codes": {code.value: count for code, count in summary.codes.items()},
        "hosts": [
            {
                "host": line.host,
                "port": line.address[1],
                "urls": line.urls,
                "pictures": line.rows,
                "tls_version": line.tls_version,
                "problems": line.problems,
                "codes": [code.value for code in line.codes],
                "verdict": line.verdict,
                "letter": line.letter,
            }
            for line in summary.hosts
        ],
    }


def _traffic(traffic: Traffic | None) -> dict[str, float] | None:
    if traffic is None:
        return None
    return {
        "requests": sum(traffic.requests),
        "allowed": traffic.allowed,
        "refused": traffic.refused,
        "quota": traffic.quota,
        "window": traffic.window,
        "seconds": round(traffic.seconds, 3),
    }


def row_references(places: Sequence[tuple[str, int]]) -> str:
    """Row numbers for people: runs of three or more joined, at most a dozen entries, the rest counted.

    Args:
        places: (sheet, row) pairs in the file's order; an empty sheet name leaves the sheet out. A row that names
            several pictures may be among them several times; it is listed and counted once.
    """
    places = list(dict.fromkeys(places))
    shown: list[str] = []
    covered = 0
    sheet_before = ""
    for sheet, first, last in _runs(places):
        if len(shown) == _MOST_ROW_REFERENCES:
            break
        prefix = f"{sheet}: " if sheet != sheet_before else ""
        sheet_before = sheet
        shown.append(f"{prefix}{first}" if first == last else f"{prefix}{first}\N{EN DASH}{last}")
        covered += last - first + 1
    left = len(places) - covered
    return ", ".join(shown) + (f" and {left:,} more" if left else "")


def _runs(places: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Neighbouring rows of a sheet as (sheet, first, last), pairs left apart because `4, 5` reads better."""
    runs: list[tuple[str, int, int]] = []
    for sheet, row in places:
        if runs and runs[-1][0] == sheet and runs[-1][2] == row - 1:
            runs[-1] = (sheet, runs[-1][1], row)
        else:
            runs.append((sheet, row, row))
    apart: list[tuple[str, int, int]] = []
    for sheet, first, last in runs:
        if last - first == 1:
            apart += [(sheet, first, first), (sheet, last, last)]
        else:
            apart.append((sheet, first, last))
    return apart


def _problem_groups(outcomes: Sequence[Outcome]) -> tuple[ProblemGroup, ...]:
    """The outcomes to mend by code, most rows first, codes of the same size in the file's order.

    Those that were not reached are none of them, though they may carry the reason why the run stopped.
    """
    one_sheet = len({outcome.source.sheet for outcome in outcomes}) < 2
    troubled = [outcome for outcome in outcomes if outcome.status in _TROUBLE]
    members: dict[ProblemCode, list[Outcome]] = {}
    for outcome in troubled:
        if outcome.problem:
            members.setdefault(outcome.problem.code, []).append(outcome)
    return tuple(
        ProblemGroup(
            code=code,
            meaning=ADVICE[code].meaning,
            fix=_fix_of(code, group),
            count=len(group),
            rows=row_references([("" if one_sheet else one.source.sheet, one.source.row) for one in group]),
            example=detail_of(group[0]),
        )
        for code, group in sorted(members.items(), key=lambda item: -len(item[1]))
    )


def _fix_of(code: ProblemCode, group: Sequence[Outcome]) -> str:
    """What mends all rows of a group; where most of them ask for something of their own, the first one's."""
    fixes, usual = Counter(outcome.problem.fix for outcome in group if outcome.problem), ADVICE[code].fix
    first = next(iter(fixes))
    if len(fixes) == 1:
        return first
    return usual if 2 * fixes[usual] >= len(group) else f"Each row says what to do, for example: {first}"
