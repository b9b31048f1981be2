"""The plan of files and its only writer: nothing a person edited is lost, nothing equal is touched."""

import json
import os

import pytest

from codegen.ir import SpikecError
from codegen.plan import MANIFEST, OutputPlan, write

PLAN = OutputPlan({"a.c": "one\n", "src/b.c": "two\n"})


def texts(folder):
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_new_unchanged_changed(tmp_path):
    assert write(PLAN, tmp_path).new == ("a.c", "src/b.c")
    assert texts(tmp_path) == dict(PLAN.files)
    assert write(PLAN, tmp_path).unchanged == ("a.c", "src/b.c")
    written = write(OutputPlan({"a.c": "ONE\n", "src/b.c": "two\n"}), tmp_path)
    assert (written.new, written.changed, written.unchanged) == ((), ("a.c",), ("src/b.c",))
    assert texts(tmp_path)["a.c"] == "ONE\n"


def test_equal_files_are_not_touched(tmp_path):
    write(PLAN, tmp_path)
    for path in (tmp_path / "a.c", tmp_path / MANIFEST):
        os.utime(path, (1, 1))
    write(PLAN, tmp_path)
    assert (tmp_path / "a.c").stat().st_mtime == 1
    assert (tmp_path / MANIFEST).stat().st_mtime == 1


def test_dry_run_writes_nothing(tmp_path):
    assert write(PLAN, tmp_path / "out", dry_run=True).new == ("a.c", "src/b.c")
    assert not (tmp_path / "out").exists()


def test_edits_by_hand_are_not_lost(tmp_path):
    write(PLAN, tmp_path)
    (tmp_path / "a.c").write_text("mine\n")
    (tmp_path / "src" / "b.c").write_text("mine too\n")
    with pytest.raises(SpikecError) as caught:
        write(OutputPlan({"a.c": "new\n", "src/b.c": "new\n"}), tmp_path)
    assert [problem.where for problem in caught.value.problems] == [str(tmp_path / "a.c"), str(tmp_path / "src/b.c")]
    assert "was edited since spikec wrote it. Move it away, choose another folder, or give --force" in str(caught.value)
    assert (tmp_path / "a.c").read_text() == "mine\n"
    write(OutputPlan({"a.c": "new\n", "src/b.c": "new\n"}), tmp_path, force=True)
    assert (tmp_path / "a.c").read_text() == "new\n"


def test_files_of_somebody_else_are_not_lost(tmp_path):
    (tmp_path / "a.c").write_text("mine\n")
    with pytest.raises(SpikecError, match="was edited since"):
        write(PLAN, tmp_path)
    assert not (tmp_path / "src").exists()


def test_an_edit_that_equals_the_plan_is_fine(tmp_path):
    write(PLAN, tmp_path)
    (tmp_path / "a.c").write_text("new\n")
    assert write(OutputPlan({"a.c": "new\n"}), tmp_path).unchanged == ("a.c",)


@pytest.mark.parametrize("manifest", ["", "{", "[]", '{"files": 7}', '{"files": {"a.c": null}}'])
def test_a_damaged_manifest_makes_it_careful(tmp_path, manifest):
    write(PLAN, tmp_path)
    (tmp_path / MANIFEST).write_text(manifest)
    assert write(PLAN, tmp_path).unchanged == ("a.c", "src/b.c")
    (tmp_path / MANIFEST).write_text(manifest)
    with pytest.raises(SpikecError, match="was edited since"):
        write(OutputPlan({"a.c": "new\n"}), tmp_path)


def test_what_is_in_the_way_is_told(tmp_path):
    (tmp_path / "a.c").mkdir()
    with pytest.raises(SpikecError, match="is in the way"):
        write(PLAN, tmp_path)


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "src").write_text("a file")
    with pytest.raises(SpikecError, match=r"is in the way|cannot be written"):
        write(PLAN, tmp_path)


def test_digest_is_of_paths_and_texts():
    assert PLAN.digest == OutputPlan(dict(reversed(PLAN.files.items()))).digest
    assert PLAN.digest != OutputPlan({**PLAN.files, "c": ""}).digest
    assert OutputPlan({"a": "bc"}).digest != OutputPlan({"ab": "c"}).digest


def test_the_manifest_names_every_file(tmp_path):
    write(PLAN, tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert manifest["format"] == 1
    assert set(manifest["files"]) == set(PLAN.files)
