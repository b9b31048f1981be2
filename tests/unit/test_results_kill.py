"""A run that is killed, and resumed, ends with the report of one that was not."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from killing import Killing


@pytest.fixture(scope="module")
def killing(tmp_path_factory):
    return Killing(tmp_path_factory.mktemp("kill"), 60)


@pytest.mark.parametrize("shares", [(0.5,), (0.8, 0.7), (0.95,)])
def test_a_killed_run_gives_the_same_report(killing, shares):
    name = "-".join(map(str, shares))
    assert killing.reports(name, [share * killing.seconds for share in shares]) == killing.peaceful
