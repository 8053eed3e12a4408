"""Work on all cores: a map over processes that keeps order, holds little, and leaves nobody behind.

Not `concurrent.futures`: its workers outlive a killed parent, and cannot be ended while they work.
"""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

from cleaner.model import WorkerError

Item = TypeVar("Item")
Done = TypeVar("Done")

AHEAD = 4
"""So many items per worker may be handed out before the oldest one is taken: enough to keep all of them busy
behind a slow item, and few enough to hold."""
START_FILES = 300
"""So many files are done in this process before others are started, which takes as long."""
KILLED = -9
"""Exit code of a process that the system killed, as it does when memory runs out."""
NOT_STARTED = 1
"""Exit code of a process that failed before its first item, when it imported the script that asks for it."""
_HINTS: Mapping[int | None, str] = {
    KILLED: ", perhaps for want of memory; use fewer --workers",
    NOT_STARTED: ', as its output tells; in a script, workers have to be asked for under `if __name__ == "__main__":`',
}


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Ready(Generic[Done]):
    """In place of an item: its result, which is known."""

    result: Done


def ordered_map(
    function: Callable[[Item], Done], items: Iterable[Item | Ready[Done]], workers: int, here: int = 0
) -> Generator[Done, None, None]:
    """Apply a function to items in `workers` processes (0: one per core); results come in the order of the items.

    Items are taken as they are needed. Function, items and results must be picklable. The first `here` items are
    done in this process, and all of them with one worker, or if there is only one more. An exception of the function is
    raised here. Raises `WorkerError` if a process dies. However the iteration ends, no process is left.
    """
    workers = workers or cores()
    items = iter(items)
    for item in items:
        if isinstance(item, Ready):
            yield item.result
        elif workers > 1 and here <= 0 and (more := list(islice(items, 1))):
            yield from _over_processes(function, chain([item], more, items), workers)
        else:
            here -= 1
            yield function(item)


def _over_processes(
    function: Callable[[Item], Done], items: Iterator[Item | Ready[Done]], workers: int
) -> Generator[Done, None, None]:
    team: list[_Worker] = []
    try:
        sent = taken = 0
        ready: dict[int, tuple[bool, Any]] = {}
        is_open = True
        while is_open or taken < sent:
            idle = next((worker for worker in team if worker.item is None), None)
            if is_open and sent - taken < AHEAD * workers and (idle is not None or len(team) < workers):
                try:
                    item = next(items)
                except StopIteration:
                    is_open = False
                    continue
                if isinstance(item, Ready):
                    ready[sent] = True, item.result
                    sent += 1
                    continue
                if idle is None:
                    idle = _Worker()
                    team.append(idle)
                idle.send(function, item, sent)
                sent += 1
                continue
            if taken in ready:
                is_good, value = ready.pop(taken)
                if not is_good:
                    raise value
                yield value
                taken += 1
                continue
            for worker in _answering(team):
                number, answer = worker.receive()
                ready[number] = answer
    finally:
        for worker in team:
            worker.end()


class _Worker:
    """A process at the other end of a pipe. It ends by itself when this process is gone and the pipe breaks."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.pipe, there = context.Pipe()
        self.item: int | None = None
        self.process: SpawnProcess = context.Process(target=_work, args=(there,), daemon=True)
        with _without_interrupts():
            self.process.start()
        there.close()  # only the process itself may hold it, or nobody would see it die

    def send(self, function: Callable[[Any], Any], item: Any, number: int) -> None:
        """Hand out an item. The process must be idle, or both might wait for each other to read."""
        self.item = number
        message = pickle.dumps((function, item))
        try:
            self.pipe.send_bytes(message)
        except OSError:
            raise self._death() from None

    def receive(self) -> tuple[int, tuple[bool, Any]]:
        """The number of the item, and true with its result or false with the exception."""
        try:
            answer = pickle.loads(self.pipe.recv_bytes())
        except (EOFError, OSError):
            raise self._death() from None
        number, self.item = self.item, None
        assert number is not None
        return number, answer

    def _death(self) -> WorkerError:
        self.process.join(1)
        code = self.process.exitcode
        how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
        return WorkerError(f"a worker process ended {how}{_HINTS.get(code, '')}")

    def end(self) -> None:
        """End the process, whatever it does."""
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _answering(team: list[_Worker]) -> list[_Worker]:
    """The workers that have something to say, or died; waits for the first one."""
    busy = [worker for worker in team if worker.item is not None]
    ready = wait([worker.pipe for worker in busy])
    return [worker for worker in busy if worker.pipe in ready]


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let a process that is started here inherit that it is not for interrupts: those are for its parent."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # the first start would do it, and take the mask away
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    """What a worker process does: answer items until there is nobody to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(_answer(pipe.recv_bytes()))


def _answer(message: bytes) -> bytes:
    try:
        function, item = pickle.loads(message)
        return pickle.dumps((True, function(item)))
    except Exception as error:  # it is raised again where the result is taken
        error.add_note("".join(traceback.format_exception(error)))
        try:
            answer = pickle.dumps((False, error))
            pickle.loads(answer)
        except Exception:  # not every exception survives being pickled
            return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
        return answer
