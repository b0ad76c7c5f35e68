# SPDX-License-Identifier: GPL-2.0
"""Cost of switches between vcpus on one processor: an event to another domain with the world switch to it, the world switch
alone, and events and IPIs between two vcpus of one domain. The kernel module xenpair (tests/guest/modules) makes the samples.
"""
import collections

from attribution import WHERE, Symbols, split_trace
from measure import END, Failed, HRFID, OWNER, SC1, START, TOTAL, boot, length, median, note, samples_of, show

SAMPLES = 21
SPIN_VCPUS, SPIN_ROUNDS, SPIN_SAMPLES = 8, 3000, 3
LISTEN = f'insmod /lib/modules/xenpair.ko role=listen peer=1 samples={SAMPLES}; sleep 1000000'
SEND = f'until insmod /lib/modules/xenpair.ko role=send peer=0 samples={SAMPLES} 2>/dev/null; do sleep 0.2; done'
VCPUS = f'insmod /lib/modules/xenpair.ko role=vcpus samples={SAMPLES} || dmesg | tail -n 3'
OPCODE_SC1, OPCODE_HRFID = 0x44000022, 0x4c000224
# The hypervisor's marks when it enters a vcpu of dom0 and of domain 1 in place of another vcpu (see count.c).
OPCODES_DOMAIN = (0x62310000, 0x62520000)
OPCODE_SENDER = OPCODES_DOMAIN[1]
OWNERS = ('port', 'linux', 'hypervisor')


def traces_of(marks, trace):
    """Split traced instructions into samples."""
    begins = [i for i, (mark, _) in enumerate(marks) if mark == START]
    ends = [next((j for j in range(i, len(marks)) if marks[j][0] == END), len(marks)) for i in begins]
    return [[row for row in trace if begin < row[0] <= end] for begin, end in zip(begins, ends)]


def switches_in(traces):
    """The instructions of each world switch: from the "sc 1" in one domain to the hrfid into the other, inclusive."""
    found = []
    for trace in traces:
        part, before, now = [], OPCODE_SENDER, OPCODE_SENDER
        for row in trace:
            if row[2] == OPCODE_SC1:
                part, before = [], now
            part.append(row)
            if row[2] in OPCODES_DOMAIN:
                now = row[2]
            if row[2] == OPCODE_HRFID and part[0][2] == OPCODE_SC1:
                if now != before:
                    found.append(part)
                part = [row]
    return found


def crossings(sample):
    """From each hypercall to the next return from the hypervisor: (instructions, owner before, owner after)."""
    found, call = [], None
    for mark, counts in sample:
        if mark == SC1:
            call = counts
        elif mark == HRFID and call:
            found.append((counts[TOTAL] - call[TOTAL], call[OWNER], counts[OWNER]))
            call = None
    return found


def show_split(name, rows, symbols):
    functions = collections.Counter()
    splits = [split_trace(row, symbols, functions) for row in rows]
    for owner in OWNERS:
        if any(split[owner] for split in splits):
            show(f'{name}_{owner}', median([split[owner] for split in splits]), 'instructions')
    for function, count in functions.most_common() if WHERE else ():
        note(f'{name} {count / len(rows):.1f} {function}')


def show_switches(name, samples, wanted):
    """Show the median length of the crossings that wanted() selects; at least every second sample must have one."""
    found = [crossing[0] for sample in samples for crossing in crossings(sample) if wanted(crossing)]
    if len(found) < len(samples) // 2:
        raise Failed(f'{name}: {len(found)} in {len(samples)} samples')
    show(name, median(found), 'instructions')


def run(groups, *args, **kwargs):
    """Boot once without and once with tracing; return samples and traces, each split into groups of SAMPLES."""
    marks, _, _, said = boot(*args, **kwargs)
    samples = samples_of(marks)
    if len(samples) != groups * SAMPLES:
        raise Failed(f'xenpair made {len(samples)} samples instead of {groups * SAMPLES}: {said}')
    marks, trace, _, _ = boot(*args, plugin_args=',trace=1', **kwargs)
    traces = traces_of(marks, trace)
    cut = [slice(i * SAMPLES, (i + 1) * SAMPLES) for i in range(groups)]
    return [samples[part] for part in cut], [traces[part] for part in cut]


def bench_switches():
    symbols = Symbols()
    (empty, idle, event, switch), (_, idle_trace, event_trace, switch_trace) = run(4, 'domU', '64k', SEND,
                                                                                   boot_args=['--dom0-run', LISTEN])
    cost = median([length(sample) for sample in empty])
    for name, samples, traces in (('evtchn_send_to_domain', event, event_trace),
                                  ('evtchn_send_to_idle_domain', idle, idle_trace)):
        show(name, median([length(sample) - cost for sample in samples]), 'instructions')
        show_split(name, traces, symbols)
        show_switches(f'{name}_hypercall', samples, lambda c: c[1] == c[2])
        show_switches(f'{name}_switch', samples, lambda c: c[1] != c[2])
    show_switches('world_switch', switch, lambda c: c[1] != c[2])
    show_split('world_switch', switches_in(switch_trace), symbols)


def bench_vcpus():
    symbols = Symbols()
    (empty, event, call), (_, event_trace, call_trace) = run(3, 'domU', '64k', VCPUS, boot_args=['--smp', '2'])
    cost = median([length(sample) for sample in empty])
    for name, samples, traces in (('evtchn_send_to_vcpu', event, event_trace), ('ipi_send_to_vcpu', call, call_trace)):
        show(name, median([length(sample) - cost for sample in samples]), 'instructions')
        show_split(name, traces, symbols)


def bench_spin():
    """Cost of an acquisition of a spinlock for which eight vcpus compete on one processor: with waiters that yield to the
    vcpu that holds the lock, and without (nopvspin)."""
    figures = {}
    command = f'insmod /lib/modules/spinstorm.ko rounds={SPIN_ROUNDS}; dmesg | sed -n "s/.*spinstorm: //p"'
    for name, append in (('yielding', ''), ('plain', 'nopvspin')):
        lengths = []
        for _ in range(SPIN_SAMPLES):
            marks, _, _, said = boot('domU', '64k', command, append=append, boot_args=['--smp', str(SPIN_VCPUS)])
            samples = samples_of(marks)
            if len(samples) != 1 or f'ok - taken: {SPIN_VCPUS * SPIN_ROUNDS} of' not in said:
                raise Failed(f'spinstorm made {len(samples)} samples: {said}')
            lengths.append(length(samples[0]) / (SPIN_VCPUS * SPIN_ROUNDS))
        figures[name] = median(lengths)
        show(f'spin_lock_{name}', f'{figures[name]:.0f}', 'instructions/acquisition')
        note(f'{name}: {" ".join(f"{n:.0f}" for n in sorted(lengths))}')
    show('spin_lock_yielding_to_plain', f'{figures["yielding"] / figures["plain"]:.3f}', 'ratio')
