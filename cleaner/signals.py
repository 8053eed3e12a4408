"""Signals: how a command ends in order when it is interrupted or terminated."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from cleaner.model import StoppedError


class Stop(KeyboardInterrupt):
    """A signal; not an `Exception`, so that nothing takes it for the fault of a file or a row."""


@contextmanager
def stopping(hint: Callable[[], str] = str) -> Iterator[None]:
    """Let what is done here end in order when it is interrupted or terminated. Raises `StoppedError` then.

    `hint` gives the end of the message, which says what to do; it is asked when the signal has come. Signals that
    whoever started the process wants to be ignored, as `nohup` does, are ignored.
    """

    def stop(number: int, _: FrameType | None) -> None:
        raise Stop(number)

    if threading.current_thread() is not threading.main_thread():
        yield  # signals are for the main thread
        return
    present = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in present.items() if handler not in (signal.SIG_IGN, None)}
    try:
        for number in before:
            signal.signal(number, stop)
        yield
    except Stop as stopped:
        number = stopped.args[0]
        raise StoppedError(f"stopped by {signal.Signals(number).name}{hint()}", number) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
