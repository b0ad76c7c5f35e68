# SPDX-License-Identifier: GPL-2.0
"""A machine with the hypervisor, and kernels without an operating system as its domains (tests/guest/bare), under the control
of QEMU's interface for debuggers: it can be stopped at an instruction, and its registers can be read and written.
"""
import importlib.machinery
import importlib.util
import os
import re
import socket
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, 'scripts'))
from limit import Clock

SECONDS = 60            # for one thing to happen
MSR_HV = 1 << 60
HDEC = 0x980


def load_boot():
    """scripts/boot as a module, for its knowledge of QEMU and of archives."""
    loader = importlib.machinery.SourceFileLoader('boot', os.path.join(TOP, 'scripts', 'boot'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('boot', loader))
    loader.exec_module(module)
    return module


BOOT = load_boot()


def build(work, name, source, *flags):
    """Link a kernel above the hypervisor's own addresses, so that a branch address shows whose it is."""
    subprocess.run(['powerpc64le-linux-gnu-gcc', '-nostdlib', '-static', '-no-pie', '-ffreestanding', '-fno-pic', '-O2',
                    '-mcpu=power9', '-mabi=elfv2', '-mcmodel=medium', '-msoft-float', '-mno-altivec', '-mno-vsx',
                    '-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-Wall', '-Wextra', '-Werror',
                    *flags, '-I' + os.path.join(TOP, 'hypervisor'), '-Wl,-Ttext=0x400000',
                    '-Wl,--build-id=none', '-Wl,-z,max-page-size=4096', '-o', os.path.join(work, name),
                    os.path.join(TOP, 'tests', 'guest', 'bare', source)], check=True)


class Gone(Exception):
    """Something did not happen."""


class Debugger:
    """QEMU's interface for debuggers, the serial protocol of GDB."""

    def __init__(self, connected):
        self.socket = connected
        self.data = b''
        self.ask('qSupported:xmlRegisters=powerpc')
        self.numbers = self.read_numbers()

    def read_numbers(self):
        """The number of each register, by name. Registers without an explicit one follow the register before."""
        numbers, following = {}, 0
        for file in re.findall(r'<xi:include href="(.*?)"', self.read_object('target.xml')):
            for tag in re.findall(r'<reg (.*?)/>', self.read_object(file), re.S):
                fields = dict(re.findall(r'(\w+)="(.*?)"', tag))
                following = int(fields.get('regnum', following))
                numbers[fields['name']] = following
                following += 1
        return numbers

    def read_object(self, name):
        text, more = '', True
        while more:
            part = self.ask(f'qXfer:features:read:{name}:{len(text):x},800')
            more = part.startswith('m')
            text += part[1:]
        return text

    def send(self, text):
        self.socket.sendall(b'$%s#%02x' % (text.encode(), sum(text.encode()) & 0xff))

    def receive(self, seconds):
        """The next packet, unescaped; None if there is none in that time."""
        self.socket.settimeout(seconds)
        while not (packet := re.search(rb'\$([^#]*)#..', self.data)):
            try:
                self.data += self.socket.recv(65536)
            except TimeoutError:
                return None
        self.data = self.data[packet.end():]
        self.socket.sendall(b'+')
        return re.sub(rb'\}(.)', lambda m: bytes([m[1][0] ^ 0x20]), packet[1], flags=re.S).decode('latin-1')

    def ask(self, text):
        self.send(text)
        answer = self.receive(SECONDS)
        if answer is None or answer.startswith('E'):
            raise Gone(f'debugger: {text}: {answer}')
        return answer

    def get(self, name):
        return int.from_bytes(bytes.fromhex(self.ask(f'p{self.numbers[name]:x}')), 'little')

    def word(self, address):
        return int.from_bytes(bytes.fromhex(self.ask(f'm{address:x},4')), 'little')

    def set(self, name, value):
        self.ask(f'P{self.numbers[name]:x}={value.to_bytes(8, "little").hex()}')


class Machine:
    """QEMU, its console and its debugger. It stands still unless it is told to run."""

    def __init__(self, work, machine, log, files):
        self.work = work
        BOOT.newc(work, os.path.join(work, 'bundle'), files)
        command = [BOOT.QEMU, '-display', 'none', '-no-reboot', '-serial', 'stdio', '-machine', machine,
                   *BOOT.POWERNV_DEVICES, '-m', '2048', '-kernel', os.path.join(BOOT.HYPERVISOR, 'xen-ppc'),
                   '-initrd', os.path.join(work, 'bundle'), '-S',
                   '-gdb', f'unix:{os.path.join(work, "gdb")},server=on,wait=off',
                   '-monitor', f'unix:{os.path.join(work, "monitor")},server=on,wait=off']
        self.console, self.seen, self.log = b'', 0, log
        self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.clock = Clock(self.qemu.pid)
        threading.Thread(target=self.read_console, daemon=True).start()
        self.monitor = self.until(lambda: self.connect('monitor'), 'QEMU starts')
        self.prompt()
        self.debugger = Debugger(self.until(lambda: self.connect('gdb'), 'QEMU starts'))

    def connect(self, name):
        """A socket of QEMU's, None as long as there is none."""
        connected = socket.socket(socket.AF_UNIX)
        try:
            connected.connect(os.path.join(self.work, name))
        except OSError:
            connected.close()
            return None
        return connected

    def read_console(self):
        with open(self.log, 'wb') as out:
            while data := os.read(self.qemu.stdout.fileno(), 4096):
                out.write(data)
                out.flush()
                self.console += data

    def until(self, condition, what):
        end = self.clock.sample() + SECONDS
        while not (found := condition()):
            if self.clock.sample() > end or self.qemu.poll() is not None:
                raise Gone(what)
            time.sleep(0.02)
        return found

    def line(self, pattern, what):
        """Wait for a line behind those that were waited for before, and return the match."""
        regex = re.compile(pattern.encode() + rb'[^\n]*\n')
        found = self.until(lambda: regex.search(self.console, self.seen), what)
        self.seen = found.end()
        return found

    def stop_at(self, address, hypervisor=True, lpid=None):
        """Let it run, until an instruction is to be executed by the hypervisor, or a guest, while that partition is loaded."""
        debugger = self.debugger
        while True:
            if debugger.get('pc') == address:
                debugger.ask('s')
            debugger.ask(f'Z1,{address:x},4')
            debugger.send('c')
            self.until(lambda: debugger.receive(0.2), f'an exit to {address:x}')
            debugger.ask(f'z1,{address:x},4')
            if lpid in (None, debugger.get('lpidr')) and bool(debugger.get('msr') & MSR_HV) == hypervisor:
                return

    def halt(self):
        self.debugger.socket.sendall(b'\x03')
        self.until(lambda: self.debugger.receive(0.2), 'the machine stops')

    def run(self):
        self.debugger.send('c')

    def prompt(self):
        """Wait until QEMU's monitor is ready for another command."""
        answer = b''
        self.monitor.settimeout(SECONDS)
        while not answer.endswith(b'(qemu) '):
            answer += self.monitor.recv(4096)


def symbol(name):
    out = subprocess.run(['powerpc64le-linux-gnu-nm', os.path.join(BOOT.HYPERVISOR, 'xen-ppc')], check=True,
                         capture_output=True, text=True).stdout
    return int(re.search(rf'^(\w+) \w {name}$', out, re.M)[1], 16)


def bundle(work, source, domains, cores, *flags, settings=None):
    """Pack a kernel for each domain, with DOMAIN set to its number. dom0 has the first processor, the others have the last."""
    with open(os.path.join(work, 'xen.conf'), 'w', encoding='utf-8') as file:
        for number, name in enumerate(domains):
            build(work, name, source, f'-DDOMAIN={number}', *flags)
            file.write(f'[{name}]\nkernel = {name}\nmemory = 32\ncpus = {min(number, cores - 1)}\n')
            file.write((settings or {}).get(name, ''))
    BOOT.newc(work, os.path.join(work, 'bundle'), ['xen.conf', *domains])


def watch(work, cores, log, finished, seconds, *args, env=None):
    """Boot the bundle on that many cores, with more arguments for QEMU, and return what was printed until finished(that)."""
    command = [BOOT.QEMU, '-display', 'none', '-no-reboot', '-serial', 'stdio', '-monitor', 'none', '-machine', 'powernv9',
               *BOOT.POWERNV_DEVICES, '-smp', f'{cores},sockets=1,cores={cores},threads=1',
               '-kernel', os.path.join(BOOT.HYPERVISOR, 'xen-ppc'), '-initrd', os.path.join(work, 'bundle'), *args]
    console = b''
    with open(log, 'wb') as out, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                  stderr=subprocess.STDOUT, env=env) as qemu:
        clock = Clock(qemu.pid)
        os.set_blocking(qemu.stdout.fileno(), False)
        while clock.sample() < seconds and qemu.poll() is None and not finished(console):
            data = qemu.stdout.read() or b''
            out.write(data)
            console += data
            time.sleep(0.05)
        qemu.kill()
    return console


class Verdicts:
    """Prints verdicts as TAP, and counts those that are bad."""
    bad = 0

    def __call__(self, good, what):
        self.bad += not good
        print(f'{"ok" if good else "not ok"} - {what}', flush=True)


def log_file(name):
    """Where the console of a test is to be written."""
    log = os.environ.get('TEST_LOG') or os.path.join(TOP, 'build', 'log', f'{name}.log')
    os.makedirs(os.path.dirname(log), exist_ok=True)
    return log


def tap(checks):
    """Execute checks, (title, function that raises Gone) each, up to the first that fails. Return: exit status."""
    for title, function in checks:
        try:
            function()
        except Gone as missing:
            print(f'not ok - {title}\n# missing: {missing}')
            return 1
        print(f'ok - {title}', flush=True)
    return 0
