# SPDX-License-Identifier: MIT
"""Which lines of the module and of the library the tests reach, by gcov.

Every boot leaves its counters: those of the module in debugfs, those of the library where the
programs wrote them. They come out of the machine as text at the end of its output, are given to
gcov beside the notes of the build, and are added up. build/coverage/report.txt has a line for each
file with the lines that nobody reached; build/coverage/annotated the sources with the counts.
"""

import base64
import collections
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import tarfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = f"{TOP}/build/coverage-report"
MARK = "@coverage"

# The first half of a command in the machine; the tests follow, then COLLECT. Files of debugfs have
# no size until they are read, so tar would find them empty. KUnit has run when the module was loaded, and should not
# again when it is loaded with other parameters.
PREPARE = ("echo none >/sys/module/kunit/parameters/filter_glob; umask 0; "
           "export GCOV_PREFIX=/tmp/coverage; mkdir -p /tmp/coverage; ")
COLLECT = (f"; cd /sys/kernel/debug/gcov && find . -name '*.gcda' | while read -r f; do "
           "mkdir -p \"/tmp/coverage/$(dirname \"$f\")\"; cat \"$f\" >\"/tmp/coverage/$f\"; done; "
           f"echo; echo {MARK}; cd /tmp/coverage && tar cz . | base64; echo {MARK}")


class Coverage:
    """Counts of lines, by file."""

    def __init__(self):
        self.lines = collections.defaultdict(collections.Counter)
        shutil.rmtree(OUT, ignore_errors=True)
        os.makedirs(f"{OUT}/annotated")

    def add(self, output):
        """Adds what one machine wrote; false if there is nothing."""
        parts = output.split(f"\n{MARK}\n")
        if len(parts) < 3:
            return False
        archive = gzip.decompress(base64.b64decode(parts[-2]))
        work = f"{OUT}/work"
        shutil.rmtree(work, ignore_errors=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar.getmembers():
                if member.isfile() and member.name.endswith(".gcda"):
                    self.add_file(work, tar.extractfile(member).read(), member.name.lstrip("./"))
        return True

    def add_file(self, work, data, name):
        """Adds one file of counters, which lies at the path of its object file."""
        notes = f"/{name[:-5]}.gcno"
        if not os.path.exists(notes):
            return
        os.makedirs(work, exist_ok=True)
        with open(f"{work}/x.gcda", "wb") as f:
            f.write(data)
        shutil.copy(notes, f"{work}/x.gcno")
        result = subprocess.run(["gcov", "-j", "-t", "x.gcda"], cwd=work, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, check=False)
        for line in result.stdout.decode(errors="replace").splitlines():
            if line.startswith("{"):
                self.add_counts(json.loads(line))

    def add_counts(self, result):
        for file in result["files"]:
            path = re.search(r"(?:^|/)((?:kmod|lib)/[^.][\w/.]*\.[ch])$", file["file"])
            if not path or not os.path.exists(f"{TOP}/{path[1]}"):
                continue
            for line in file["lines"]:
                self.lines[path[1]][line["line_number"]] += line["count"]

    def figure(self, directory):
        """Lines reached and lines in all, of the files below a directory."""
        counts = [count for path, lines in self.lines.items() if path.startswith(f"{directory}/")
                  for count in lines.values()]
        return sum(1 for count in counts if count), len(counts)

    def report(self):
        """Writes the report and the annotated sources; returns the report's path."""
        rows = []
        for path, lines in self.lines.items():
            missed = sorted(n for n, count in lines.items() if not count)
            percent = 100 * (len(lines) - len(missed)) / len(lines)
            rows.append((percent, path, len(lines), missed))
            self.annotate(path, lines)
        with open(f"{OUT}/report.txt", "w", encoding="utf-8") as f:
            for percent, path, total, missed in sorted(rows):
                f.write(f"{percent:6.1f} %  {total:5}  {path}: {ranges(missed)}\n")
        return f"{OUT}/report.txt"

    @staticmethod
    def annotate(path, lines):
        with open(f"{TOP}/{path}", encoding="utf-8") as f:
            source = f.read().split("\n")
        with open(f"{OUT}/annotated/{path.replace('/', '-')}", "w", encoding="utf-8") as f:
            for number, text in enumerate(source, 1):
                count = lines.get(number)
                mark = "" if count is None else str(count) if count else "#####"
                f.write(f"{mark:>10} {number:5} {text}\n")


def ranges(numbers):
    """Line numbers as people write them: 3-5 9."""
    text = []
    for number in numbers:
        if text and text[-1][1] == number - 1:
            text[-1][1] = number
        else:
            text.append([number, number])
    return " ".join(f"{a}-{b}" if a != b else str(a) for a, b in text)
