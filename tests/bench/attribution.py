# SPDX-License-Identifier: GPL-2.0
"""Attribute traced instructions to the hypervisor, the port, or generic Linux, by the symbols of both programs."""
import bisect
import os
import subprocess

from measure import BUILD, CROSS

# With BENCH_WHERE in the environment, also print the instructions of a path by function.
WHERE = 'BENCH_WHERE' in os.environ


class Symbols:
    """Symbol tables of hypervisor and kernel, and the set of symbols that the port defines."""

    def __init__(self):
        self.kernel = self.table(os.path.join(BUILD, 'kernel-64k', 'vmlinux'))
        archive = os.path.join(BUILD, 'kernel-64k', 'arch', 'powerpc', 'platforms', 'xen')
        self.port = set()
        for name in os.listdir(archive):
            if name.endswith('.o') and not name.endswith('_test.o') and not name.endswith('.mod.o'):
                self.port |= {symbol for _, symbol in self.table(os.path.join(archive, name))}
        self.hypervisor = self.table(os.path.join(BUILD, 'hypervisor', 'xen-ppc'))
        self.addresses = [address for address, _ in self.kernel]

    @staticmethod
    def table(path):
        out = subprocess.run([CROSS + 'nm', '-n', path], stdout=subprocess.PIPE, check=True, text=True).stdout
        rows = (line.split() for line in out.splitlines())
        return [(int(row[0], 16), row[2]) for row in rows if len(row) == 3 and row[1] in 'tTwW']

    def hypervisor_symbol(self, pc):
        pc &= ~(0xc << 60)
        at = bisect.bisect_right(self.hypervisor, (pc, '~')) - 1
        return self.hypervisor[at][1] if at >= 0 else 'vectors'

    def kernel_symbol(self, pc):
        pc |= 0xc << 60
        at = bisect.bisect_right(self.addresses, pc) - 1
        return self.kernel[at][1] if at >= 0 and pc < self.addresses[-1] + 0x10000 else 'module'


def split_trace(trace, symbols, functions):
    """Count the instructions of one sample by owner, and add them to the counter functions by name.

    The hypervisor runs from a hypercall to the return by hrfid: in between, addresses below its first symbol are its
    interrupt vectors.
    """
    lo, hi = symbols.hypervisor[0][0], symbols.hypervisor[-1][0] + 0x1000
    counts = {'module': 0, 'port': 0, 'linux': 0, 'hypervisor': 0}
    below = False
    for _, pc, opcode in trace:
        if below or lo <= pc < hi:
            counts['hypervisor'] += 1
            functions['hv ' + symbols.hypervisor_symbol(pc)] += 1
            below = opcode != 0x4c000224 and below
            continue
        below = opcode == 0x44000022
        name = symbols.kernel_symbol(pc)
        owner = 'module' if name == 'module' else 'port' if name in symbols.port else 'linux'
        counts[owner] += 1
        functions[f'{owner} {name}'] += 1
    return counts
