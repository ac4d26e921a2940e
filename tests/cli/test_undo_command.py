"""`importer undo` as a person and a script meet it."""

import json
import os
import random
import signal
import time

import pytest

from importer.errors import ResultsError
from importer.sandbox import Fault, Sandbox, SandboxSettings
from tests.cli.test_terminal import on_terminal
from tests.cli.undoing import deletes, edit, filled, galleries, imported, sent, undo_here, undone
from tests.conftest import Program, results

ON_UNIX = pytest.mark.skipif(os.name == "nt", reason="signals and pseudo-terminals are a Unix thing")


@pytest.mark.long
def test_0_an_import_is_taken_back_and_can_be_made_again(program: Program, store: Sandbox, pictures: str) -> None:
    before = filled(program, store, pictures, 2)
    folder = imported(program, store, pictures)
    ids = [image["id"] for number in (1, 2) for image in store.images(number)[2:]]
    done = program.run("undo", folder, "--yes", sandbox=store)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "4 pictures deleted",
        f"List: {folder / 'undo.csv'}",
        "This list tells what was taken back; results.html and results.csv still tell of the import.",
    ]
    assert done.stderr.splitlines() == ["Looking up: 2/2 products", "Undoing: 4/4 pictures, 4 deleted"]
    assert galleries(store, 2) == before
    lines = undone(folder)
    assert list(lines[0]) == ["product_id", "image_id", "url", "result", "detail"]
    assert sorted(int(line["image_id"]) for line in lines) == sorted(ids)
    assert {(line["result"], line["detail"]) for line in lines} == {("deleted", "")}
    done = program.run("undo", folder, "--yes", sandbox=store)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Nothing is left to undo.")
    again = imported(program, store, pictures)
    assert [line["status"] for line in results(again)] == ["uploaded"] * 4


@pytest.mark.long
def test_nothing_is_changed_without_yes_for_another_store_with_a_wrong_token_or_a_locked_list(
    program: Program, store: Sandbox, pictures: str
) -> None:
    folder = imported(program, store, pictures)
    unasked = program.run("undo", folder, sandbox=store)
    assert unasked.returncode == 2
    assert "add --yes" in unasked.stderr
    other = program.run("undo", folder, "--yes", "--store-hash", "other1", sandbox=store)
    assert other.returncode == 2
    for words in (f"/stores/{store.store_hash},", "/stores/other1."):
        assert words in other.stderr
    assert store.access_token not in other.stderr
    refused = program.run("undo", folder, "--yes", sandbox=store, token="wrong-token-42")
    assert refused.returncode == 4
    assert "access token" in refused.stdout
    assert "wrong-token-42" not in refused.stdout + refused.stderr
    assert not (folder / "undo.csv").exists()
    (folder / "undo.csv").mkdir()  # as good as a file that is locked
    with pytest.raises(ResultsError, match=r"Cannot write undo\.csv in "):
        undo_here(folder, store)
    assert deletes(store) == 0


def test_pictures_that_the_import_replaced_are_said_to_be_lost(program: Program, store: Sandbox, pictures: str) -> None:
    filled(program, store, pictures, 1)
    folder = sent(program.sheet([[1, f"{pictures}/a.jpg"]]), store, existing="replace")
    assert len(store.images(1)) == 1
    done = program.run("undo", folder, "--yes", sandbox=store)
    assert done.returncode == 0
    assert "1 product lost pictures of before the import" in done.stderr
    assert store.images(1) == []


@pytest.mark.long
def test_2_a_folder_that_is_none_of_ours(program: Program, store: Sandbox) -> None:
    (program.folder / "rehearsed-results").mkdir()
    program.sheet([], "rehearsed.csv")
    for name, words in (("none", "There is no folder "), ("rehearsed.csv", "is a file.")):
        with pytest.raises(ResultsError, match=words):
            undo_here(program.folder / name, store)
    done = program.run("undo", "rehearsed-results", "--yes", sandbox=store)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "The folder rehearsed-results has no journal (journal.sqlite3)" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list((program.folder / "rehearsed-results").iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["undo", "x", "--yes"], "No store is set"),
        (["undo", "x", "--yes", "--concurrency", "0"], "--concurrency"),
    ],
)
def test_2_a_command_that_cannot_be_meant(program: Program, arguments: list[str], words: str) -> None:
    done = program.run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.long
def test_3_what_someone_has_changed_is_left_and_listed(program: Program, store: Sandbox, pictures: str) -> None:
    folder = imported(program, store, pictures, names="a")
    edited = store.images(1)[0]["id"]
    edit(store, edited)
    done = program.run("undo", folder, "--yes", "--json", sandbox=store)
    assert done.returncode == 3
    summary = json.loads(done.stdout)
    assert summary == {
        "command": "undo",
        "store": store.store_hash,
        "counts": {"changed": 1, "deleted": 1},
        "stopped": "",
        "list": str(folder / "undo.csv"),
        "exit_code": 3,
    }
    (line,) = [line for line in undone(folder) if line["result"] == "changed"]
    assert (line["product_id"], line["image_id"]) == ("1", str(edited))
    assert "description" in line["detail"]
    text = program.run("undo", folder, "--yes", sandbox=store)
    assert text.stdout.splitlines()[0] == "1 picture left, changed since the import"
    assert [image["id"] for image in store.images(1)] == [edited]


@pytest.mark.long
def test_4_a_token_that_is_revoked_half_way_and_the_next_undo(program: Program, pictures: str) -> None:
    products = tuple((number, "") for number in range(1, 5))
    faults = (Fault(2, "403", "DELETE"),)
    with Sandbox(SandboxSettings(products=products, allow_private=True, faults=faults)) as sandbox:
        folder = imported(program, sandbox, pictures, 4, "a")
        done = program.run("undo", folder, "--yes", "--concurrency", "1", sandbox=sandbox)
        assert done.returncode == 4, done.stderr
        assert "Products: modify" in done.stdout
        assert "run the same command again" in done.stdout
        assert [line["result"] for line in undone(folder)] == ["deleted", *["not_reached"] * 3]
        done = program.run("undo", folder, "--yes", "--quiet", sandbox=sandbox)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert galleries(sandbox, 4) == [[]] * 4


@pytest.mark.long
@ON_UNIX
def test_a_person_is_asked_and_enter_means_no(program: Program, store: Sandbox, pictures: str) -> None:
    folder = imported(program, store, pictures)
    everything = "everything that imports with this results folder added"
    question = f"Delete {everything}, 4 pictures of 2 products, from the store {store.store_hash}? [y/N]"
    for answer, expected in (("\x03", 130), ("\n", 2)):
        code, shown = on_terminal(program, ["undo", folder], store, answer)
        assert question in " ".join(shown.split())
        assert "Nothing was changed." in shown
        assert "Traceback" not in shown
        assert (code, deletes(store), (folder / "undo.csv").exists()) == (expected, 0, False), shown
    edit(store, store.images(1)[0]["id"])
    code, shown = on_terminal(program, ["undo", folder], store, "y\n")
    assert "1 picture changed in the store since the import will stay." in shown
    assert question.replace("4 pictures", "3 pictures") in " ".join(shown.split())
    assert (code, deletes(store)) == (3, 3), shown


@pytest.mark.long
@ON_UNIX
def test_130_ctrl_c_finishes_what_is_under_way_and_the_next_undo_carries_on(program: Program, pictures: str) -> None:
    products = tuple((number, "") for number in range(1, 9))
    settings = SandboxSettings(products=products, allow_private=True, quota=100_000, latency_ms=100)
    with Sandbox(settings) as sandbox:
        folder = imported(program, sandbox, pictures, 8, "ab")
        process = program.start("undo", folder, "--yes", "--concurrency", "2", sandbox=sandbox)
        with process:
            wait_for_deletes(sandbox, 3)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        assert process.returncode == 130, err
        assert "Stopping: what is under way will finish. Press Ctrl-C again to stop at once." in err
        assert "it carries on with what is left" in out
        counts = [line["result"] for line in undone(folder)]
        assert len(counts) == 16
        assert counts.count("deleted") == deletes(sandbox) < 16
        assert undo_here(folder, sandbox).complete
        assert deletes(sandbox) == 16
        assert galleries(sandbox, 8) == [[]] * 8


def wait_for_deletes(sandbox: Sandbox, count: int) -> None:
    deadline = time.monotonic() + 30
    while deletes(sandbox) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@ON_UNIX
@pytest.mark.long
def test_killed_at_random_moments_and_run_again_it_ends_with_the_galleries_of_before(
    program: Program, pictures: str
) -> None:
    chance, products = random.Random(5), 8
    settings = SandboxSettings(
        products=tuple((number, "") for number in range(1, products + 1)),
        allow_private=True,
        quota=100_000,
        latency_ms=20,
    )
    with Sandbox(settings) as sandbox:
        before = filled(program, sandbox, pictures, products)
        folder = imported(program, sandbox, pictures, products, "abc")
        assert galleries(sandbox, products) != before
        kills = 0
        for _ in range(3):
            seen = deletes(sandbox)
            process = program.start("undo", folder, "--yes", "--concurrency", "3", sandbox=sandbox)
            with process:
                wait_for_deletes(sandbox, seen + chance.randint(1, 4))
                time.sleep(chance.uniform(0, 0.04))
                process.kill()
                process.communicate()
            kills += process.returncode == -signal.SIGKILL
            for gallery in galleries(sandbox, products):
                assert sum(shown for _, shown in gallery) == 1
        assert kills == 3
        assert undo_here(folder, sandbox).complete
        assert galleries(sandbox, products) == before


@pytest.mark.long
def test_help_has_an_example_and_the_exit_codes(program: Program) -> None:
    done = program.run("undo", "--help")
    assert done.returncode == 0
    shown = " ".join(done.stdout.split())
    for words in ("Example: importer undo products-results", "RESULTS_DIR", "Exit codes: 0", "--yes", "130 Ctrl-C"):
        assert words in shown, words
    assert "Everything that imports with this results folder added is taken back" in shown
    assert "--sandbox" not in shown
