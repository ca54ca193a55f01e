"""Kills at random moments: the finished set is the undisturbed one, byte for byte, and nothing half-written stays.

Three kills by default; `SPATIALMOSAIC_KILLS=20` makes twenty, some of them with pixels.
"""

import os
import random
import time
from dataclasses import replace

import psutil
import pytest

from generation.pipeline import generate


KILLS = int(os.environ.get("SPATIALMOSAIC_KILLS", "3"))
# Seconds from the start of the command to its end, on a machine that does nothing else; kills fall into this time
TYPICAL_S = {False: 20, True: 35}
# Seconds after which something hangs; a worker that is not missed lets the command go on to its end
GRACE_S = 240


def workers_of(driver: psutil.Process) -> list[psutil.Process]:
    """The driver's worker processes."""
    try:
        return [child for child in driver.children(recursive=True) if any("spawn_main" in a for a in child.cmdline())]
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def wait_until_dead(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=GRACE_S)
    assert not alive


def kill_once(start, settings, kind: str, delay_s: float) -> bool | None:
    """Start the command and kill something of it; whether it came to its end all the same, `None` before any kill."""
    process = start("generate", settings)
    driver, end = psutil.Process(process.pid), time.monotonic() + delay_s
    seen = set()
    while process.poll() is None and (time.monotonic() < end or (kind == "worker" and not workers_of(driver))):
        seen |= set(workers_of(driver))
        time.sleep(0.05)
    if process.poll() is not None:
        assert process.returncode == 0, process.communicate()[0]
        return None
    victims = workers_of(driver)
    seen |= set(victims)
    victim = random.Random(delay_s).choice(victims) if kind == "worker" and victims else driver
    victim.kill()
    output, _ = process.communicate(timeout=GRACE_S)
    wait_until_dead(list(seen))
    if victim is driver:
        assert process.returncode == -9
    elif process.returncode:  # a worker that had nothing left to do is not missed
        assert process.returncode == 2 and "A worker process was killed" in output and "Traceback" not in output, (
            output
        )
    return process.returncode == 0


@pytest.mark.parametrize("pixels", [False, True] if KILLS > 3 else [False])
@pytest.mark.timeout(3600)
def test_kills_at_random_moments(pixels, settings, tmp_path_factory, start, finish, assert_as_if_undisturbed):
    reference = replace(settings, pixels=pixels, out=tmp_path_factory.mktemp("reference") / "spatialmosaic")
    generate(reference)
    rng = random.Random(f"kills {pixels}")
    kills = KILLS - KILLS // 4 if KILLS > 3 and not pixels else KILLS // 4 if pixels else KILLS
    killed, sets = {"worker": 0, "driver": 0}, 0
    while sum(killed.values()) < kills:
        place = replace(
            settings, out=settings.out.parent / str(sets) / "spatialmosaic", pixels=pixels, workers=2, tasks=2
        )
        ended = False
        while not ended and sum(killed.values()) < kills:
            kind = rng.choice(["worker", "driver"])
            ended = kill_once(start, place, kind, rng.uniform(0, TYPICAL_S[pixels]))
            killed[kind] += ended is not None
            ended = ended is None or ended
        if not ended:
            code, output = finish("generate", place)
            assert code == 0, output
        assert_as_if_undisturbed(place.out, reference)
        sets += 1
    print(f"pixels {pixels}: kills {killed}, finished sets {sets}")  # noqa: T201
