"""The same import under two names at once: the second says so and stops."""

from importer.sandbox import Sandbox
from tests.cli.test_exit_codes import stored, wait_for_posts
from tests.conftest import Program

NAMES = ["a", "b", "c"]


def test_2_the_same_import_under_another_name_while_it_runs_stops(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = [[number, f"{pictures}/{name}.jpg?delay=1"] for number in (1, 2) for name in NAMES]
    sheet, renamed = program.sheet(rows), program.sheet(rows, name="renamed.csv")
    flags = ("--allow-private", "--no-check")
    with program.start("run", sheet, *flags, sandbox=store) as first:
        wait_for_posts(store, 2)
        second = program.run("run", renamed, *flags, sandbox=store)
        first.communicate(timeout=30)
    assert [stored(store, number) for number in (1, 2)] == [NAMES] * 2
    assert (first.returncode, second.returncode) == (0, 2), second.stderr
