# SPDX-License-Identifier: GPL-2.0
"""Cost of a scheduling decision of the hypervisor, by number of runnable vcpus.

The hypervisor's code runs on the build machine (sched_cost.c), and valgrind counts its instructions. These are instructions
of the build machine: they show how the cost grows.
"""
import os
import re
import shutil
import subprocess

from measure import BUILD, Failed, TOP, note, show

RUNNABLE = (1, 10, 100, 1000)
SWITCHES = 4000
PROGRAM = os.path.join(BUILD, 'unit', 'plain', 'sched_cost')


def compile_program():
    make = subprocess.run(['make', '-s', '-C', os.path.join(TOP, 'tests', 'unit'), 'sched_cost'], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True)
    if make.returncode:
        raise Failed(f'sched_cost does not compile: {make.stdout[-800:]}')


def cost(vcpus):
    """Instructions for each call of exit_work(), the last step of which picks a vcpu; with more than one vcpu, every call must pick another one."""
    done = subprocess.run(['valgrind', '--tool=callgrind', '--toggle-collect=measured*',
                           '--callgrind-out-file=/dev/null', PROGRAM, str(vcpus), str(SWITCHES)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    found = re.search(r'Collected : (\d+)', done.stderr)
    if done.returncode or not found:
        raise Failed(f'sched_cost {vcpus}: status {done.returncode}: {done.stdout}{done.stderr[-800:]}')
    if vcpus > 1 and int(done.stdout) != SWITCHES:
        raise Failed(f'sched_cost {vcpus}: {done.stdout.strip()} switches instead of {SWITCHES}')
    return int(found[1]) / SWITCHES


def bench_scheduler():
    if not shutil.which('valgrind'):
        raise Failed('valgrind is missing: install the package of that name')
    compile_program()
    costs = {}
    for vcpus in RUNNABLE:
        costs[vcpus] = cost(vcpus)
        show(f'sched_next_{vcpus}_runnable', f'{costs[vcpus]:.0f}', 'host_instructions')
    note('with one vcpu there is no other vcpu to switch to')
    show('sched_next_growth', f'{costs[1000] / costs[10]:.2f}', 'ratio_of_1000_to_10')
