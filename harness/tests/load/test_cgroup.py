"""What a control group says of a role, in both layouts that kernels have."""

import pytest

from harness.load.cgroup import Cgroup


@pytest.fixture
def system(tmp_path):
    """A machine's /proc and /sys/fs/cgroup, with a process of its own group and one of ours."""
    for pid in ("1", "self"):
        (tmp_path / "proc" / pid).mkdir(parents=True)
    return tmp_path


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def groups(system, own, ours):
    put(system / "proc/1/cgroup", own)
    put(system / "proc/self/cgroup", ours)
    return Cgroup.of(1, proc=system / "proc", mounted=system / "cgroup")


def test_version_2_knows_the_peak_and_the_periods(system):
    found = groups(system, "0::/docker/abc\n", "0::/user\n")
    put(system / "cgroup/docker/abc/memory.peak", "1048576\n")
    put(system / "cgroup/docker/abc/cpu.stat", "usage_usec 5\nnr_periods 200\nnr_throttled 10\n")
    assert found.memory_peak() == 1048576
    assert found.throttled() == 0.05


def test_version_1_has_a_folder_for_each_controller(system):
    found = groups(
        system, "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/docker/abc\n", "4:memory:/\n"
    )
    put(system / "cgroup/memory/docker/abc/memory.max_usage_in_bytes", "2097152\n")
    put(system / "cgroup/cpu,cpuacct/docker/abc/cpu.stat", "nr_periods 4\nnr_throttled 1\nthrottled_time 9\n")
    assert found.memory_peak() == 2097152
    assert found.throttled() == 0.25


def test_without_a_quota_nothing_is_throttled_and_nothing_is_said(system):
    found = groups(system, "0::/docker/abc\n", "0::/user\n")
    put(system / "cgroup/docker/abc/cpu.stat", "nr_periods 0\nnr_throttled 0\n")
    assert found.throttled() is None
    assert found.memory_peak() is None


def test_a_group_that_is_ours_too_counts_our_memory_but_has_the_same_quota(system):
    found = groups(system, "0::/user\n", "0::/user\n")
    put(system / "cgroup/user/memory.peak", "1048576\n")
    put(system / "cgroup/user/cpu.stat", "nr_periods 200\nnr_throttled 10\n")
    assert found.memory_peak() is None
    assert found.throttled() == 0.05


def test_a_process_that_has_ended_has_no_group(system):
    assert Cgroup.of(77, proc=system / "proc", mounted=system / "cgroup") is None
