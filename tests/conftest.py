"""What several test modules need."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cleaner.pipeline import Cleaner

ROOT = Path(__file__).parent.parent

settings.register_profile("normal", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("normal"), max_examples=int(os.environ.get("CLEANER_EXAMPLES", "20000")))
settings.load_profile("long" if os.environ.get("CLEANER_LONG_RUN") else "normal")


CONNECTING = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")
REFUSED: list[str] = []


def _refuse_connections(event: str, arguments: tuple[object, ...]) -> None:
    if event in CONNECTING:
        REFUSED.append(f"{event} {arguments}")
        raise ConnectionRefusedError(REFUSED[-1])


sys.addaudithook(_refuse_connections)


@pytest.fixture(autouse=True)
def refused_connections() -> Iterator[list[str]]:
    """Nothing here opens a network connection, whichever library would do it, and whoever keeps quiet about an error."""
    REFUSED.clear()
    yield REFUSED
    assert not REFUSED


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def cleaner() -> Cleaner:
    return Cleaner()


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test know what another one found, and none write into the folder it is started in."""
    monkeypatch.setenv("CLEANER_CACHE_DIR", str(tmp_path_factory.mktemp("cache") / "none"))
