# SPDX-License-Identifier: GPL-2.0
"""The longest run of the hypervisor's instructions between two entries of guests or idle, while tests with hostile guests
run: stretch.c finds it. No domain, and nothing else on that processor, gets on meanwhile.
"""
import bisect
import collections
import os
import subprocess
import tempfile

from measure import BUILD, CROSS, TOP, Failed, compile_shared, note, show

PLUGIN = os.path.join(BUILD, 'bench', 'stretch.so')
# Tests whose domains call wrongly, in loops, in all lengths and from many vcpus, and end in all ways.
HOSTILE = {
    'hypercalls': ['tests/boot/hypercalls', 'domU', '--append', 'xen_privcmd.unrestricted=1'],
    'vcpus': ['tests/boot/vcpus', 'domU'],
    'wild': ['tests/boot/wild'],
    'bad-rings': ['tests/scenario', 'io/bad'],
    'storm': ['tests/scenario', '--vcpus', '2,1,1,2', 'smp/storm'],
}


class Functions:
    """The hypervisor's functions by address."""

    def __init__(self):
        out = subprocess.run([CROSS + 'nm', '-n', os.path.join(BUILD, 'hypervisor', 'xen-ppc')], stdout=subprocess.PIPE,
                             check=True, text=True).stdout
        rows = [line.split() for line in out.splitlines()]
        self.end = next(row[0] for row in rows if row[-1] == '__image_end')
        self.table = [(int(row[0], 16), row[2]) for row in rows if len(row) == 3 and row[1] in 'tT']

    def name(self, address):
        at = bisect.bisect_right(self.table, (address, '~')) - 1
        return self.table[at][1] if at >= 0 else 'vectors'


def build_plugin():
    compile_shared('stretch')


def read(path, functions):
    """The stretches in a file of the plugin, the longest first: (instructions, Counter of instructions by function)."""
    found = []
    with open(path, encoding='ascii') as file:
        for line in file:
            kind, *fields = line.split()
            if kind == 'stretch':
                found.append((int(fields[1]), collections.Counter(firmware=int(fields[2]))))
            else:
                found[-1][1][functions.name(int(fields[0], 16))] += int(fields[1])
    return found


def stretches(command, functions):
    """Run a test with the plugin in its machine. Raises Failed if the test fails or has entered no guest."""
    with tempfile.TemporaryDirectory(prefix='xen-stretch-') as work:
        out = os.path.join(work, 'stretches')
        env = dict(os.environ, BOOT_QEMU_ARGS=f'-plugin {PLUGIN},out={out},hv=0-{functions.end}',
                   TEST_LOG=os.path.join(work, 'log'))
        done = subprocess.run(command, cwd=TOP, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            wrong = [line for line in done.stdout.decode(errors='replace').splitlines() if not line.startswith('ok')]
            raise Failed(f'{" ".join(command)}: status {done.returncode}: ' + '\n'.join(wrong[-20:]))
        found = read(out, functions)
    if not found:
        raise Failed(f'{" ".join(command)}: no guest was entered')
    return found


def culprits(by_function):
    """The functions that take most of a stretch."""
    total = sum(by_function.values())
    return ', '.join(f'{name} {100 * n / total:.0f} %' for name, n in by_function.most_common(4) if n)


def bench_stretch():
    """The longest stretch beside each of the hostile tests, and beside all of them."""
    build_plugin()
    functions = Functions()
    longest = 0
    for name, command in HOSTILE.items():
        insns, by_function = stretches(command, functions)[0]
        longest = max(longest, insns)
        show(f'longest_stretch_{name}', insns, 'instructions')
        note(culprits(by_function))
    show('longest_stretch', longest, 'instructions')
