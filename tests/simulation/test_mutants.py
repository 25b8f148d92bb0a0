"""Each mutant still applies and changes what the code does; whether it is caught takes `make mutants`."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from tests.simulation.mutate import PATCHES, ROOT, Mutant, apply
from tests.simulation.plan import Plan

MUTANTS = [pytest.param(path, id=path.stem) for path in PATCHES]


@pytest.mark.parametrize("patch", MUTANTS)
def test_mutant_applies_and_changes_code(patch: Path, tmp_path: Path) -> None:
    names = re.findall(r"^\+\+\+ b/(\S+)", patch.read_text(), re.MULTILINE)
    assert names
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    applied = apply(patch, tmp_path)
    assert applied.returncode == 0, applied.stdout
    for name in names:
        assert code(tmp_path / name) != code(ROOT / name), name


@pytest.mark.parametrize("patch", MUTANTS)
def test_mutant_names_tests_that_exist_and_parts_of_a_plan(patch: Path) -> None:
    mutant = Mutant.read(patch)
    for asked in mutant.test.split():
        path, _, name = asked.partition("::")
        assert f"def {name}" in (ROOT / path).read_text() if name else (ROOT / path).exists(), asked
    for part in filter(None, mutant.plan.split(",")):
        assert part.partition("=")[0].strip() in Plan.__dataclass_fields__, part
    assert mutant.test or mutant.plan


def code(path: Path) -> str:
    return ast.dump(ast.parse(path.read_text()))
