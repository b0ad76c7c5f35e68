# SPDX-License-Identifier: GPL-2.0
"""Helpers for the measurements: boot a machine under the counting plugin (count.c), evaluate its marks, print figures."""
import os
import statistics
import subprocess
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, 'build')
PLUGIN = os.path.join(BUILD, 'bench', 'count.so')
SLOW_CLOCK = os.path.join(BUILD, 'bench', 'slow_clock.so')
CROSS = 'powerpc64le-linux-gnu-'
START, END, MARK22, USER_SPACE, SC1, HRFID, STOP, AT = 20, 21, 22, 24, 100, 101, 102, 200
TOTAL, IDLE, DOM0, DOMU, OTHER, OWNER = range(6)

# Index in a mark's counts at which the hypervisor's share of each owner starts.
HV = 6

# Upper limits of figures; show() reports those that exceed them.
LIMITS = {'footprint': 40, 'null_hypercall': 200, 'evtchn_send_to_self': 900, 'pseries_overhead': 0.1,
          'powernv_overhead': 0.1, 'boot_domU_to_pseries': 1.05, 'idle_vcpus_running': 2, 'io_xen_spread': 2,
          'io_virtio_spread': 2, 'evtchn_send_to_domain': 1500, 'world_switch': 800,
          # Ratio of 1000 to 10 vcpus: logarithmic growth would be a factor of 3.
          'sched_next_growth': 3, 'longest_stretch': 50000, 'spin_lock_yielding_to_plain': 1}


class Failed(Exception):
    """A measurement failed."""


def show(name, value, unit):
    print(f'{name} {value} {unit}', flush=True)
    if name in LIMITS and float(value) > LIMITS[name]:
        note(f'{name} MISSED its limit of {LIMITS[name]}')


def note(text):
    print(f'# {text}', flush=True)


def vmlinux(variant):
    return os.path.join(BUILD, 'image', f'vmlinux-{variant}')


def compile_shared(name, directory=os.path.join(BUILD, 'bench')):
    """Compile a plugin of QEMU, or a library to preload, of this directory, and return where it is."""
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, name + '.so')
    subprocess.run(['gcc', '-O2', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', '-o', path,
                    os.path.join(TOP, 'tests', 'bench', name + '.c')], check=True)
    return path


def build():
    """Compile the plugin and slow_clock; "make bench" builds everything else first."""
    for name in 'count', 'slow_clock':
        compile_shared(name)


def boot(machine, variant, commands, plugin_args='', timeout=300, append='', status=0, boot_args=(), qemu_args=(),
         slower=1):
    """Boot a machine under the plugin, with its clock slowed down by the factor slower, and run commands in it.

    Return the marks, the traced instructions, the times and the output of the commands.
    """
    with tempfile.TemporaryDirectory(prefix='xen-bench-') as work:
        out = os.path.join(work, 'counts')
        command = [os.path.join(TOP, 'scripts', 'boot'), machine, '--image', vmlinux(variant), '--timeout', str(timeout),
                   '--append', 'norandmaps ' + append, '--run', commands, *boot_args, '--', *qemu_args, '-plugin',
                   f'{PLUGIN},out={out}{plugin_args}']
        env = dict(os.environ)
        if slower > 1:
            env.update(LD_PRELOAD=SLOW_CLOCK, SLOW_CLOCK=str(slower))
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, env=env)
        if done.returncode != status:
            raise Failed(f'{machine} {variant}: status {done.returncode}: {done.stdout.decode()[-400:]}'
                         f'{done.stderr.decode()[-1500:]}')
        marks, trace, times = [], [], []
        with open(out, encoding='ascii') as file:
            for line in file:
                kind, *fields = line.split()
                if kind == 'mark':
                    marks.append((int(fields[0]), [int(n) for n in fields[1:]]))
                elif kind == 'pc':
                    trace.append((len(marks), int(fields[0], 16), int(fields[1], 16)))
                else:
                    times.append([int(n) for n in fields])
        return marks, trace, times, done.stdout.decode()


def samples_of(marks):
    """Split marks into complete samples: lists of marks from a start to its end."""
    samples, current = [], None
    for mark, counts in marks:
        if mark == START:
            current = []
        if current is not None:
            current.append((mark, counts))
        if mark == END and current:
            samples.append(current)
            current = None
    return samples


def length(sample, owner=TOTAL):
    return sample[-1][1][owner] - sample[0][1][owner]


def median(values):
    value = statistics.median(values)
    return int(value) if value == int(value) else value


def quiet_median(values):
    """Median of the smaller half: larger values include work deferred by earlier samples, such as RCU callbacks."""
    return median(sorted(values)[:len(values) // 2 + 1])
