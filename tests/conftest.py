"""What several test modules need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cleaner.pipeline import Cleaner

ROOT = Path(__file__).parent.parent

settings.register_profile("normal", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("normal"), max_examples=int(os.environ.get("CLEANER_EXAMPLES", "20000")))
settings.load_profile("long" if os.environ.get("CLEANER_LONG_RUN") else "normal")


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
