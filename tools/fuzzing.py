# SPDX-License-Identifier: MIT
"""The fuzzer of tests/fuzz in the machine, and what to do about what it finds.

Each program that it runs is announced by a line, from which the fuzzer makes it again on this
side, where the machine is gone. Those that were running go into build/fuzz/SEED.repro, a text
that "make fuzz REPRO=FILE" runs again, and are then made as short as they can be while the kernel
still complains: of each machine many shortened ones run, one after the other, until one fails.
"""

import os
import re
import subprocess
import time

import tap

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FUZZER = f"{TOP}/build/tests/fuzz/fuzz"
REPROS = f"{TOP}/build/fuzz"
EMULATOR_FAILED = 123
TIMES = 5               # a race does not show each time
CONTEXT = 8             # programs before the last one, if that alone is not to blame


class Program:
    """A program as text: a line that says how many processes it has, and its operations."""

    def __init__(self, head, ops):
        self.head = head
        self.ops = ops

    def text(self):
        return "\n".join([self.head, *self.ops, "end"]) + "\n"

    def without(self, first, count):
        return Program(self.head, self.ops[:first] + self.ops[first + count:])


def parse(text):
    """The programs of a file."""
    return [Program(part.split("\n")[0], part.split("\n")[1:]) for part in
            re.findall(r"^(program .*(?:\n\d.*)*)\nend$", text, re.MULTILINE)]


def write(path, programs, comment=""):
    os.makedirs(REPROS, exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(f"# {line}\n" for line in comment.splitlines()))
        f.write("".join(program.text() for program in programs))


def machine(directory, extra=()):
    """Options of tools/vm/run; the module tells the fuzzer which code it reaches."""
    return ["--kernel", "debug", "--gpu", "virtio", "--module", f"{directory}/vdxg.ko", *extra]


def unknown_calls():
    """The calls of the headers that the fuzzer does not have in its tables."""
    known = subprocess.run([FUZZER, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    known = {line.split(".")[0] for line in known.split()}
    words = set()
    for name in ("d3dkmthk.h", "vdxg.h"):
        with open(f"{TOP}/uapi/{name}", encoding="utf-8") as f:
            words.update(re.findall(r"^#define (LX_\w+) \\", f.read(), re.MULTILINE))
    return sorted(words - known)


class Runner:
    """Replays programs, each time in a machine of its own."""

    def __init__(self, suite, directory, extra=()):
        self.suite = suite
        self.options = machine(directory, extra)
        self.said = ""

    def failing(self, programs, times=TIMES):
        """The index of the first program that makes the kernel complain, or None."""
        path = f"{REPROS}/.try-{os.getpid()}"
        write(path, programs)
        limit = 200 + 20 * len(programs) * times
        status, output, self.said = self.suite.vm(
            [*self.options, "--name", f"{self.suite.name}-replay", "--no-leak-scan", "--file",
             f"{path}:/repro", "--timeout", str(limit)],
            f"/tests/fuzz/fuzz --replay /repro {times}")
        os.unlink(path)
        numbers = re.findall(r"^\+(\d+)$", output, re.MULTILINE)
        if status in (0, EMULATOR_FAILED) or not numbers:
            return None
        return int(numbers[-1])

    def shortest(self, program, until):
        """Leaves operations out as long as the kernel complains of the rest."""
        size = len(program.ops) // 2
        while size and time.monotonic() < until:
            starts = range(0, len(program.ops), size)
            tries = [program.without(start, size) for start in starts]
            tries = [t for t in tries if t.ops]
            index = self.failing(tries) if tries else None
            if index is None:
                size //= 2
            else:
                program = tries[index]
                size = min(size, max(len(program.ops) // 2, 1))
        return program


def save(suite, directory, seed, output, plant, seconds, extra=()):
    """Saves what was running when the kernel complained, and makes it short; returns the path."""
    os.makedirs(REPROS, exist_ok=True)
    path = f"{REPROS}/{seed}.repro"
    rebuilt = subprocess.run([FUZZER, "--rebuild", str(CONTEXT), *([str(plant)] if plant else [])],
                             input=output, stdout=subprocess.PIPE, text=True, check=False).stdout
    programs = parse(rebuilt)
    if not programs:
        return None
    write(path, programs, f"seed {seed}: the last {len(programs)} programs")
    runner = Runner(suite, directory, extra)
    until = time.monotonic() + seconds
    for some in (programs[-1:], programs[::-1]):
        index = runner.failing(some)
        if index is not None:
            program = runner.shortest(some[index], until)
            write(path, [program], f"seed {seed}, {len(program.ops)} operations")
            break
    return path


def run(suite, directory, seed, seconds, calls=0):
    """Runs the fuzzer; what it finds is a failed case, with a file that shows it again."""
    missing = unknown_calls()
    suite.case(not missing, "the fuzzer knows every call of the interface", " ".join(missing))
    limit = 4 * seconds + 600 + calls // 50
    status, output, said = suite.vm(
        [*machine(directory), "--name", suite.name, "--timeout", str(limit)],
        f"VDXG_SECONDS={seconds} VDXG_CALLS={calls} VDXG_SEED={seed} /tests/fuzz/fuzz")
    suite.add("", tap.parse(output, status))
    suite.case(status == 0, f"seed {seed}: the machine ran without a report", said)
    for line in re.findall(r"^# (\d+ programs,.*)$", output, re.MULTILINE):
        yield line
    if status:
        path = save(suite, directory, seed, output, None, 900)
        if path:
            yield f"to see it again: make fuzz REPRO={os.path.relpath(path, TOP)}"


def replay(suite, directory, path):
    """Runs the programs of a file, each many times."""
    with open(path, encoding="utf-8") as f:
        programs = parse(f.read())
    suite.case(bool(programs), f"{path} has programs")
    runner = Runner(suite, directory)
    suite.case(not programs or runner.failing(programs, 20) is None,
               f"{path} runs without a report", runner.said)


def bites(suite, directory, planted):
    """A mistake made on purpose is found, saved, and made short."""
    seed = 1
    extra = ["--extra-module", f"{planted}/vdxg_planted.ko"]
    status, output, said = suite.vm(
        [*machine(directory, extra), "--name", suite.name, "--no-leak-scan", "--timeout", "600"],
        f"VDXG_SECONDS=300 VDXG_SEED={seed} VDXG_PLANT=5 /tests/fuzz/fuzz")
    suite.case(status == 126 and "+5 " in output and "+6 " not in output,
               "a planted use after free ends the run", f"status {status}\n{said}")
    path = save(suite, directory, seed, output, 5, 900, extra)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    programs = parse(text)
    suite.case(len(programs) == 1 and len(programs[0].ops) <= 3 and " plant " in text,
               "the file that shows it again has little else in it", text)
