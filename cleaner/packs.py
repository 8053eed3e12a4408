"""Rule packs as files: those that come with the package, and the digest that says which rules were in force."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash as Digest
    from importlib.resources.abc import Traversable


def built_in_packs() -> list[tuple[str, Traversable]]:
    """(name, file) of the packs that come with the package, sorted."""
    folder = resources.files("cleaner").joinpath("rules")
    return sorted((path.name, path) for path in folder.iterdir() if path.name.endswith(".toml"))


@cache
def digest_of_built_in() -> str:
    """The digest of the built-in rules; they need not be loaded for it."""
    digest = hashlib.sha256()
    for _, path in built_in_packs():
        take_in(digest, path.read_bytes())
    return digest.hexdigest()


def take_in(digest: Digest, data: bytes) -> None:
    """Let a pack count for the digest of all rules; packs that were cut in another way have another one."""
    digest.update(len(data).to_bytes(8) + data)
