# SPDX-License-Identifier: GPL-2.0
"""Cost of block and network requests of a domU, split into front end, back end and hypervisor, and of the same requests
through virtio on pseries, where the back end is QEMU and is not counted.

The disk is null_blk in dom0, on pseries QEMU's null-co: they move no data, so the figures show the cost of the path. The peer
of network connections is dom0, on pseries the build machine behind a tap device.
"""
import contextlib
import fcntl
import os
import re
import socket
import statistics
import struct
import subprocess

from measure import BUILD, CROSS, DOM0, DOMU, Failed, HV, IDLE, OTHER, TOP, TOTAL, boot, length, note, samples_of, show

BLOCK_SAMPLES, NET_SAMPLES = 21, 41
PORT = 5001
NULL_DISK_NS = 40000
# Name, arguments of blkbench, requests in a sample.
BLOCK = [(f'{op}_{name}', f'{op} {size} {count} {depth}', count)
         for op in ('read', 'write')
         for name, size, count, depth in (('4k', 4096, 16, 1), ('4k_depth32', 4096, 128, 32), ('64k', 65536, 8, 1),
                                          ('1m', 1 << 20, 4, 1))]
BYTES = 1 << 20
PACKETS = 32
# Name, arguments of netload with a place for the address, units in a sample, unit.
NET = [('tcp_send', f'send %s {PORT} {BYTES}', BYTES, 'byte'),
       ('tcp_receive', f'receive %s {PORT} {BYTES}', BYTES, 'byte')]
NET += [(f'udp_{verb}_{name}', f'udp-{verb} %s {PORT} {size} {PACKETS}', PACKETS, 'packet')
        for verb in ('send', 'receive') for name, size in (('64', 22), ('1500', 1472))]
PARTS = ('front', 'back', 'hypervisor')
# Vectors of the decrementer (guests) and of the hypervisor decrementer, with translation off and on: not counted.
SKIPS = ',skip=900,skip=c000000000004900'
HV_SKIPS = ',skip=980,skip=c000000000004980'
# Factor by which emulation with counting is slower than a processor, for slow_clock.c.
SLOWER = 20
# Real addresses of skiboot, which executes OPAL calls for the hypervisor.
FIRMWARE = '30000000-31c00000'
# Fills the queue of a disk that completes requests late, for the memory that a full queue pins.
FILL = 'blkbench write 131072 64 32 1 /dev/xvda'
LATE_NS = 10000000


def hypervisor_range():
    """Range of the hypervisor's code in real memory, for count.c."""
    out = subprocess.run([CROSS + 'nm', os.path.join(BUILD, 'hypervisor', 'xen-ppc')], stdout=subprocess.PIPE, check=True,
                         text=True).stdout
    return next(f'0-{row.split()[0]}' for row in out.splitlines() if row.endswith(' __hv_end'))


def parts_of(sample):
    """Instructions of front end (domU), back end (dom0) and hypervisor in a sample, without those while idle."""
    own = [length(sample, owner) - length(sample, HV + owner - IDLE) for owner in (DOMU, DOM0)]
    return own + [sum(length(sample, HV + owner - IDLE) for owner in (DOM0, DOMU, OTHER))]


def figures(samples, split):
    """Instructions of each case for one unit: its parts and their sum, as a mean over the samples.

    The upper quarter of the samples is left out: these include work deferred by earlier samples.
    """
    wanted = [(case, BLOCK_SAMPLES) for case in BLOCK] + [(case, NET_SAMPLES) for case in NET]
    if len(samples) != sum(n for _, n in wanted):
        raise Failed(f'{len(samples)} samples instead of {sum(n for _, n in wanted)}')
    rows = {}
    for (name, _, units, *_), n in wanted:
        splits = sorted((split(sample) for sample in samples[:n]), key=sum)[:n - n // 4]
        del samples[:n]
        rows[name] = [statistics.mean(column) / units for column in zip(*splits)]
        rows[name].append(sum(rows[name]))
    return rows


def xen_script():
    lines = [f'''
xenppc-init --bridge xenbr0=10.0.0.1/24 || exit 1
load-module xen-netback xen-blkback null_blk gb=1 irqmode=0 || exit 1
domU-run 1 "load-module xen-netfront xen-blkfront grantstat" || exit 1
memory() {{ echo "memory $1 $(domU-run 1 "cat /proc/grantstat")"; }}
xenppc-attach vbd 1 /dev/nullb0 || exit 1''']
    lines += [f'domU-run -t 300 1 "blkbench {args} {BLOCK_SAMPLES} /dev/xvda" || exit 1' for _, args, _ in BLOCK]
    lines.append(f'''
xenppc-attach detach 1 xvda || exit 1
# The back end releases the disk asynchronously.
for try in 1 2 3 4 5; do ! rmmod null_blk 2>/dev/null || break; sleep 0.1; done
load-module null_blk gb=1 irqmode=2 completion_nsec={LATE_NS} && [ -b /dev/nullb0 ] || exit 1
memory detached
xenppc-attach vbd 1 /dev/nullb0 || exit 1
domU-run -t 300 1 "{FILL}" || exit 1
memory block
xenppc-attach detach 1 xvda || exit 1
netload -f serve {PORT} &
xenppc-attach vif 1 || exit 1
domU-run 1 "ifconfig eth0 10.0.0.2 netmask 255.255.255.0 up; ping -c 3 -A 10.0.0.1" || exit 1
memory net''')
    lines += [net_command(name, args, '10.0.0.1', 'domU-run -t 300 1 ') for name, args, *_ in NET]
    return '\n'.join(lines)


def net_command(name, args, address, prefix=''):
    """Command for one load, which also prints the interface's byte and packet counters before and after."""
    way = 'rx' if 'receive' in name else 'tx'
    count = f'cat /sys/class/net/eth0/statistics/{way}_bytes /sys/class/net/eth0/statistics/{way}_packets'
    command = f'echo mean {name} $({count}); netload -f {args % address} {NET_SAMPLES} || exit 1; echo mean {name} $({count})'
    return f"{prefix}'{command}' || exit 1" if prefix else command


def bytes_a_packet(said, name):
    values = [[int(n) for n in found] for found in re.findall(rf'^mean {name} (\d+) (\d+)$', said, re.M)]
    (bytes_before, packets_before), (bytes_after, packets_after) = values
    return (bytes_after - bytes_before) / (packets_after - packets_before)


def run_xen(variant):
    marks, _, _, said = boot('dom0', variant, xen_script(), f',hv={hypervisor_range()},hv={FIRMWARE}{SKIPS}{HV_SKIPS}', 900,
                             boot_args=['--tools', '--mem', '512M', '--domu', 'domU-agent', '--domu-mem', '512M',
                                        '--domu-append', 'norandmaps'], slower=SLOWER)
    # The last run of blkbench is FILL, and not a measurement.
    samples = samples_of(marks)
    del samples[len(BLOCK) * BLOCK_SAMPLES]
    return figures(samples, parts_of), said


@contextlib.contextmanager
def tap_device():
    """A tap device of the build machine for QEMU: yields its name and the addresses of both ends."""
    name = f'xb{os.getpid() % 100000}'
    near, far = (f'10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}.{n}' for n in (1, 2))
    try:
        tap = os.open('/dev/net/tun', os.O_RDWR)
    except OSError as problem:
        raise Failed(f'/dev/net/tun: {problem.strerror}') from problem
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        def configure(request, data):
            fcntl.ioctl(control, request, struct.pack('16s24s', name.encode(), data))

        try:
            fcntl.ioctl(tap, 0x400454ca, struct.pack('16sH22x', name.encode(), 0x0002 | 0x1000 | 0x4000))  # TUNSETIFF
            fcntl.ioctl(tap, 0x400454cb, 1)  # TUNSETPERSIST
            os.close(tap)
            address = struct.pack('HH4s8x', socket.AF_INET, 0, socket.inet_aton(near))
            mask = struct.pack('HH4s8x', socket.AF_INET, 0, socket.inet_aton('255.255.255.0'))
            configure(0x8916, address)                  # SIOCSIFADDR
            configure(0x891c, mask)                     # SIOCSIFNETMASK
            configure(0x8914, struct.pack('H', 0x41))   # SIOCSIFFLAGS: up, running
        except OSError as problem:
            raise Failed(f'a tap device: {problem.strerror}') from problem
        try:
            yield name, near, far
        finally:
            tap = os.open('/dev/net/tun', os.O_RDWR)
            fcntl.ioctl(tap, 0x400454ca, struct.pack('16sH22x', name.encode(), 0x0002 | 0x1000 | 0x4000))
            fcntl.ioctl(tap, 0x400454cb, 0)
            os.close(tap)


@contextlib.contextmanager
def peer():
    """The network peer for pseries: netload as a server on the build machine."""
    program = os.path.join(BUILD, 'bench', 'netload')
    guest = os.path.join(TOP, 'tests', 'guest')
    subprocess.run(['gcc', '-O2', '-Wall', '-o', program, os.path.join(guest, 'netload.c'),
                    os.path.join(guest, 'lib', 'slowdown.c')], check=True)
    with subprocess.Popen([program, 'serve', str(PORT)]) as server:
        try:
            yield
        finally:
            server.kill()


def run_virtio(variant):
    with tap_device() as (tap, near, far), peer():
        script = 'load-module virtio_pci virtio_blk virtio_net || exit 1\n'
        script += '\n'.join(f'blkbench {args} {BLOCK_SAMPLES} /dev/vda || exit 1' for _, args, _ in BLOCK)
        script += f'\nifconfig eth0 {far} netmask 255.255.255.0 up; ping -c 3 -A {near} >/dev/null || exit 1\n'
        script += '\n'.join(net_command(name, args, near) for name, args, *_ in NET)
        # A disk without latency would complete before or after the guest goes idle, depending on the host's timing.
        qemu_args = ['-drive', f'if=none,id=disk,driver=null-co,size=1G,latency-ns={NULL_DISK_NS}',
                     '-device', 'virtio-blk-pci,drive=disk',
                     '-netdev', f'tap,id=net,ifname={tap},script=no,downscript=no,vnet_hdr=on',
                     '-device', 'virtio-net-pci,netdev=net,romfile=']
        marks, _, _, said = boot('pseries', variant, script, SKIPS, 900, qemu_args=qemu_args, slower=SLOWER)
    return figures(samples_of(marks), lambda sample: [length(sample, TOTAL)]), said


def number(value):
    return f'{value:.0f}' if value >= 1000 else f'{value:.4g}'


def show_memory(system, said):
    """Show the memory that one disk and one interface, with one queue each, keep granted to dom0."""
    grants = {name: [int(n) for n in numbers] for name, *numbers in
              re.findall(r'^memory (\w+) grants (\d+) mapped (\d+) pages (\d+) bytes (\d+)$', said, re.M)}
    for name in ('block', 'net'):
        count, _, pages, size = (now - before for now, before in zip(grants[name], grants['detached']))
        show(f'io_{system}_{name}_queue_grants', count, 'grants')
        show(f'io_{system}_{name}_queue_pages', pages, 'pages')
        show(f'io_{system}_{name}_queue_pinned', size, 'bytes')


def measure(system, run, variant):
    """Run twice and show the means; return the largest difference between the totals of both runs, in percent."""
    (first, said), (second, _) = run(variant), run(variant)
    spread = 0.0
    for name, _, _, *unit in BLOCK + NET:
        kind = 'io' if not unit else 'net'
        unit = unit[0] if unit else 'request'
        means = [(a + b) / 2 for a, b in zip(first[name], second[name])]
        apart = 100 * abs(first[name][-1] / second[name][-1] - 1)
        spread = max(spread, apart)
        if len(means) > 2:
            for part, value in zip(PARTS, means):
                show(f'{kind}_{system}_{name}_{part}', number(value), f'instructions/{unit}')
        show(f'{kind}_{system}_{name}', number(means[-1]), f'instructions/{unit}')
        note(f'{kind}_{system}_{name}: the two runs are {apart:.2f} % apart')
        if name.startswith('tcp'):
            mean = bytes_a_packet(said, name)
            show(f'{kind}_{system}_{name}_gso_packet', number(means[-1] * mean), 'instructions/packet')
            note(f'{kind}_{system}_{name}: {mean:.0f} bytes a packet')
    if 'memory' in said:
        show_memory(system, said)
    return spread


def bench_io():
    """Measure the stock split drivers with 64K and 4K pages, and virtio with the same kernel images."""
    for name, run in (('xen', run_xen), ('virtio', run_virtio)):
        spread = max(measure(f'{name}_{variant}', run, variant) for variant in ('64k', '4k'))
        show(f'io_{name}_spread', f'{spread:.2f}', 'percent')
