"""The same texts give the same bytes, whatever the process that cleans them is like; `make determinism` asks more of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import determinism
import pytest

FEW = ["--most", "12"]
TURKISH = "tr_TR.UTF-8" if determinism.exists("locale tr_TR.UTF-8") else "C.UTF-8"
"""Where it is known “I” has another small letter there."""


@pytest.fixture(scope="module")
def usual() -> dict[str, str]:
    return determinism.made(sys.executable, {}, FEW)


def test_there_is_something_to_compare(usual: Mapping[str, str]) -> None:
    kinds = {name.partition("/")[0].partition(" ")[0] for name in usual}
    assert kinds == {"seeds", "fixtures", "pages.toml", "row"}
    assert len(set(usual.values())) == len(usual)


@pytest.mark.parametrize(
    ("environment", "options"),
    [
        ({"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, []),
        ({"PYTHONHASHSEED": "2", "LC_ALL": TURKISH}, ["--workers", "2"]),
        ({"PYTHONHASHSEED": "random"}, ["--workers", "3", "--chunk-rows", "1"]),
    ],
)  # fmt: skip
def test_nothing_of_the_process_shows(usual: Mapping[str, str], environment: Mapping[str, str], options: Sequence[str]) -> None:
    assert determinism.made(sys.executable, environment, [*FEW, *options]) == usual
