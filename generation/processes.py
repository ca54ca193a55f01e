"""One step over many items on any number of processes."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, connection, get_context, parent_process
from threading import Thread
from typing import TypeVar

from generation.scenes.base import SceneError
from generation.settings import SourceSettings


Item = TypeVar("Item")


def run_step(
    step: Callable[[SourceSettings, Item], object], settings: SourceSettings, items: Sequence[Item]
) -> Iterator[tuple[Item, object]]:
    """Run `step(settings, item)` for every item; yield (item, result), or (item, reason) for one that is set aside.

    Raises:
        `ChildProcessError`: a process was killed.
    """
    if settings.workers == 1:
        for item in items:
            yield item, _set_aside_on_error(step, settings, item)
        return
    others = set(active_children())
    # spawn: a forked child would inherit the ray caster's threads in an undefined state
    pool = ProcessPoolExecutor(settings.workers, get_context("spawn"), initializer=_end_with_parent)
    try:
        futures = {pool.submit(_set_aside_on_error, step, settings, item): item for item in items}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    except BrokenProcessPool as error:
        # one that was being started when another was killed is never told to end, and the pool would wait for it
        for worker in set(active_children()) - others:
            worker.kill()
        raise ChildProcessError(
            f"A worker process was killed during the step `{step.__name__}`, most often because memory ran out. "
            "What is finished is kept: run the same command again, with fewer `--workers` if this comes back."
        ) from error
    finally:
        # waits: of a pool that is let go before it has cancelled them, the items go on
        pool.shutdown(cancel_futures=True)


def _set_aside_on_error(step: Callable, settings: SourceSettings, item):
    try:
        return step(settings, item)
    except SceneError as error:
        return str(error)


def _end_with_parent() -> None:
    """Let this worker end when its parent is killed; by itself it would wait for work for ever."""

    def wait() -> None:
        connection.wait([parent_process().sentinel])
        os._exit(1)

    Thread(target=wait, daemon=True).start()
