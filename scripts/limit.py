#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Time limits for tests that hold on a busy machine as well.

A limit ends a test that hangs. On a machine with other work, a test that does not hang may take ten times as long, so
a limit must not count wall-clock time. Clock counts the seconds in which the test could run: wall-clock time without
the time during which a thread of the test was runnable and waited for a processor (the run delay in
/proc/PID/task/TID/schedstat), and without the time that the hypervisor below this machine gave to others (steal).
A test that sleeps for ever, or computes for ever, uses up its limit at full rate on an idle machine. At least
1/MOST_SLOWDOWN of the wall-clock time counts, so that every hang ends.

As a program: timeout(1) with such seconds.
"""
import argparse
import math
import os
import signal
import subprocess
import sys
import time

MOST_SLOWDOWN = 40
SAMPLE_S = 1.0      # between two samples
WINDOW_S = 4.0      # the slowdown is that of so long a time
CALIBRATION_S = 0.05
BUSY = 2            # a slowdown up to this may be that of a test that runs at the same time
TIMED_OUT = 124
# Seconds of the kernel's parameters watchdog_thresh and rcupdate.rcu_cpu_stall_timeout: default and greatest value.
SOFT_LOCKUP_S, SOFT_LOCKUP_MOST_S = 10, 60
RCU_STALL_S, RCU_STALL_MOST_S = 21, 300


def read(path):
    """The contents of a file in /proc; empty if the process has ended meanwhile."""
    try:
        with open(path, encoding='ascii') as file:
            return file.read()
    except OSError:
        return ''


def threads_of(pid):
    """(PID, TID) of every thread of a process and of its descendants."""
    found, left = [], [str(pid)]
    while left:
        process = left.pop()
        try:
            tids = os.listdir(f'/proc/{process}/task')
        except OSError:
            continue
        for tid in tids:
            found.append((process, tid))
            left += read(f'/proc/{process}/task/{tid}/children').split()
    return found


def run_delays(pid):
    """Seconds that each thread has waited for a processor so far, by thread."""
    delays = {}
    for process, tid in threads_of(pid):
        fields = read(f'/proc/{process}/task/{tid}/schedstat').split()
        if len(fields) == 3:
            delays[tid] = int(fields[1]) / 1e9
    return delays


def steal_seconds():
    """Steal time of a processor of this machine so far, on average."""
    fields = read('/proc/stat').split('\n', 1)[0].split()
    return int(fields[8]) / os.sysconf('SC_CLK_TCK') / os.cpu_count() if len(fields) > 8 else 0.0


class Clock:
    """Counts the seconds in which a process and its descendants could run."""

    def __init__(self, pid):
        self.pid = pid
        self.seconds = 0.0      # counted so far
        self.slowdown = 1.0     # the greatest seen: wall-clock time divided by counted time
        self.wall = time.monotonic()
        self.delays = {}
        self.steal = steal_seconds()
        self.window = []

    def sample(self):
        """Bring the count up to date; to be called about once a second. Returns it."""
        now = time.monotonic()
        passed = now - self.wall
        if passed < SAMPLE_S / 2:
            return self.seconds
        delays, steal = run_delays(self.pid), steal_seconds()
        # Where several threads wait, the one that waits longest is taken for the one that all depends on.
        waited = max((delay - self.delays.get(tid, 0.0) for tid, delay in delays.items()), default=0.0)
        could_run = max(passed - waited - (steal - self.steal), passed / MOST_SLOWDOWN)
        self.wall, self.delays, self.steal = now, delays, steal
        self.seconds += could_run
        self.window.append((passed, could_run))
        if sum(wall for wall, _ in self.window) >= WINDOW_S:
            self.slowdown = max(self.slowdown,
                                sum(wall for wall, _ in self.window) / sum(counted for _, counted in self.window))
            self.window = []
        return self.seconds

    def wait(self, process, seconds):
        """Wait until a subprocess ends, for so many counted seconds from now at most. True if it has ended."""
        end = self.sample() + seconds
        while process.poll() is None:
            if self.sample() >= end:
                return False
            try:
                process.wait(min(SAMPLE_S, max(0.05, end - self.seconds)))
            except subprocess.TimeoutExpired:
                pass
        return True


def slowdown_now():
    """How many times longer a fixed amount of computation takes now than without other work on this machine."""
    wall, cpu = time.monotonic(), time.thread_time()
    while time.thread_time() - cpu < CALIBRATION_S:
        pass
    return min(MOST_SLOWDOWN, (time.monotonic() - wall) / CALIBRATION_S)


def expected_slowdown(threads):
    """The factor by which an emulated machine with so many processors will be slower than on an idle build machine."""
    slowdown = slowdown_now()
    # On a busy machine its threads compete with each other as well: the scheduler gives shares to groups of processes.
    return math.ceil(max(slowdown * threads if slowdown > BUSY else 1, threads / os.cpu_count()))


def watchdog_args(slowdown):
    """Kernel parameters for a slow machine: the kernel's lockup and stall detectors measure wall-clock time."""
    if slowdown <= 1:
        return ''
    return (f' watchdog_thresh={min(SOFT_LOCKUP_S * slowdown, SOFT_LOCKUP_MOST_S)}'
            f' rcupdate.rcu_cpu_stall_timeout={min(RCU_STALL_S * slowdown, RCU_STALL_MOST_S)}')


def stop(process, grace=5):
    """End a process and its descendants: SIGTERM, and SIGKILL after so many seconds in which they could run."""
    clock = Clock(process.pid)
    send_all(process.pid, signal.SIGTERM)
    if not clock.wait(process, grace):
        send_all(process.pid, signal.SIGKILL)
        process.wait()


def send_all(pid, number):
    """Send a signal to a process and to its descendants."""
    for target in {process for process, _ in threads_of(pid)}:
        try:
            os.kill(int(target), number)
        except ProcessLookupError:
            pass


def interrupt(_number, _frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(
        prog='scripts/limit.py', description='Run a command and end it when it has had that many seconds in which it '
        'could run: on a busy machine, the time that it waits for a processor does not count. Status: that of the '
        f'command, or {TIMED_OUT} when its time was over.')
    parser.add_argument('seconds', metavar='SECONDS', type=float)
    parser.add_argument('command', metavar='COMMAND', nargs=argparse.REMAINDER)
    opts = parser.parse_args()
    if not opts.command or opts.seconds <= 0:
        parser.error('a positive number of SECONDS and a COMMAND are wanted')
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with subprocess.Popen(opts.command) as child:
            try:
                if Clock(child.pid).wait(child, opts.seconds):
                    return child.returncode if child.returncode >= 0 else 128 - child.returncode
                sys.stderr.write(f'limit: timed out after {opts.seconds:g} s: {" ".join(opts.command)}\n')
            except KeyboardInterrupt:
                pass
            stop(child)
            return TIMED_OUT
    except OSError as problem:
        sys.stderr.write(f'limit: {opts.command[0]}: {problem.strerror}\n')
        return 127


if __name__ == '__main__':
    sys.exit(main())
