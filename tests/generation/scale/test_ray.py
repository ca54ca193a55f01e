"""`--executor ray` on a real cluster of two nodes, each with its own processes, on this machine."""

import os
import time
from dataclasses import replace

import psutil
import pytest

from generation.executors import run_on_ray


ray = pytest.importorskip("ray", reason="needs the extra [ray]")
OPTIONS = ("--executor", "ray", "--mem-per-cpu-gb", "1")
MEMORY = 2 * 2**30


@pytest.fixture(scope="module")
def cluster():
    """Address of a cluster of two nodes with one CPU each."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "memory": MEMORY, "object_store_memory": 100 * 2**20}
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    cluster.add_node(**node)
    yield cluster.address
    cluster.shutdown()


def ray_workers() -> dict[int, psutil.Process]:
    """Processes of this machine's Ray nodes that run a task of ours, by the node's process."""
    found = {}
    for process in psutil.process_iter(["cmdline", "ppid"]):
        if process.info["cmdline"] and process.info["cmdline"][0] == "ray::_run_rank":
            found[process.info["ppid"]] = process
    return found


def test_two_nodes_give_the_same_bytes_though_a_worker_is_killed(cluster, settings, start, assert_as_if_undisturbed):
    process = start("generate", replace(settings, tasks=3), *OPTIONS, RAY_ADDRESS=cluster)
    end = time.monotonic() + 120
    while len(ray_workers()) < 2:  # one on each node
        assert time.monotonic() < end and process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    next(iter(ray_workers().values())).kill()
    output, _ = process.communicate(timeout=280)
    assert process.returncode == 0, output
    assert_as_if_undisturbed(settings.out)
    assert len(list(settings.work_dir.glob("tasks/*-of-3/completions/*"))) == 3


def test_a_task_that_no_node_can_hold_is_told(cluster, settings, finish):
    code, output = finish("generate", replace(settings, workers=2), *OPTIONS, RAY_ADDRESS=cluster)
    assert code == 2 and "No machine of the Ray cluster has the 2 CPUs" in output, output


def test_without_a_cluster_the_remedy_is_told(settings, monkeypatch):
    def init(**options):
        raise ConnectionError("Could not find any running Ray instance.")

    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(ChildProcessError, match="No Ray cluster runs here. Start one by `ray start --head`"):
        run_on_ray(settings, on_task=None)
