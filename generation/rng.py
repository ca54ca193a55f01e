"""Randomness: one generator for each stage of each scene, never a global state."""

import hashlib

import numpy as np


def stage_rng(seed: int, *names: str) -> np.random.Generator:
    """Generator fixed by `seed` and `names` (scene, stage, task, ...), whatever ran before and on which worker.

    Names are hashed with SHA-256, since Python salts the built-in hash of strings in every process.
    """
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
