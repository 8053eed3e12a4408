"""The map over processes: order, laziness, errors and deaths."""

from __future__ import annotations

import multiprocessing
import operator
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from cleaner.model import WorkerError
from cleaner.workers import AHEAD, Ready, _answering, ordered_map


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    assert list(ordered_map(operator.neg, range(50), workers)) == [-number for number in range(50)]


@pytest.mark.parametrize("items", [[], [3]])
def test_no_process_is_started_for_one_item(items: list[int]) -> None:
    for _ in ordered_map(operator.neg, items, 2):
        assert not multiprocessing.active_children()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_that_are_known_keep_their_place(workers: int) -> None:
    items = [Ready(0), 1, Ready(-2), 3, Ready(-4), Ready(-5), 6, 7, *map(Ready, range(-8, -50, -1))]
    assert list(ordered_map(operator.neg, items, workers)) == [-number for number in range(50)]


def test_no_process_is_started_for_results_that_are_known_and_the_first_items() -> None:
    for _ in ordered_map(operator.neg, [*map(Ready, range(50)), 1, 2, 3, *map(Ready, range(50)), 4], 2, here=3):
        assert not multiprocessing.active_children()


def test_the_items_behind_the_first_ones_go_to_processes() -> None:
    pids = list(ordered_map(operator.call, [os.getpid] * 10, 2, here=4))
    assert pids[:4] == [os.getpid()] * 4
    assert os.getpid() not in pids[4:]


def test_only_so_many_items_are_taken_ahead() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = ordered_map(operator.neg, items(), 2)
    assert next(results) == 0
    assert len(taken) <= 2 * AHEAD + 1
    results.close()
    assert not multiprocessing.active_children()


def test_a_slow_item_holds_up_no_more_than_its_turn() -> None:
    assert list(ordered_map(time.sleep, [0.3, 0, 0, 0, 0], 2)) == [None] * 5


def test_an_error_is_raised_where_the_result_is_taken() -> None:
    results = ordered_map(int, ["1", "two", "3"], 2)
    assert next(results) == 1
    with pytest.raises(ValueError, match="two"):
        next(results)
    assert not multiprocessing.active_children()


def test_answers_are_taken_from_whatever_the_system_uses_for_a_pipe() -> None:
    here, there = socket.socketpair()  # as on Windows, no `Connection`
    with here, there:
        there.send(b"answer")
        worker = SimpleNamespace(pipe=here, item=0)
        assert _answering([worker]) == [worker]  # type: ignore[list-item]


def test_a_dead_worker_is_an_error_that_says_how_it_died() -> None:
    with pytest.raises(WorkerError, match="a worker process ended by signal 9, perhaps for want of memory; use fewer --workers"):
        list(ordered_map(signal.raise_signal, [signal.SIGKILL] * 3, 2))
    assert not multiprocessing.active_children()


def test_a_script_without_a_main_guard_is_told_about_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import cleaner\nprint(list(cleaner.clean_many(['Rain fell.', 'Snow fell.'], workers=2)))\n", "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith('in a script, workers have to be asked for under `if __name__ == "__main__":`')
