# SPDX-License-Identifier: MIT
"""Reads TAP, as the test programs print it, and KTAP, as KUnit does."""

import re
from dataclasses import dataclass

RESULT = re.compile(r"^(?P<indent>\s*)(?P<not>not )?ok\b\s*(?P<number>\d+)?\s*-?\s*(?P<title>[^#]*)"
                    r"(?:#\s*(?P<directive>SKIP|skip|TODO)?\s*(?P<reason>.*))?$")
PLAN = re.compile(r"^(?P<indent>\s*)1\.\.(?P<count>\d+)(?:\s*#\s*SKIP\s*(?P<reason>.*))?\s*$")


@dataclass
class Case:
    """One case: its title, whether it passed, why it was skipped, what was said about it."""

    title: str
    ok: bool
    skip: str | None = None
    details: str = ""


def parse(text, status):
    """The cases of one program that ended with an exit status, None if it did not end.

    What shows that cases are missing (no plan, fewer than planned, a bad exit status
    without a failed case) becomes a failed case.
    """
    cases, said, planned = [], [], None
    for line in text.split("\n"):
        if plan := PLAN.match(line):
            planned = int(plan["count"])
            if planned == 0 and plan["reason"]:
                cases.append(Case("all", True, plan["reason"]))
                planned = 1
        elif (result := RESULT.match(line)) and not result["indent"]:
            skipped = result["directive"] in ("SKIP", "skip")
            cases.append(Case(result["title"].strip(), not result["not"],
                              (result["reason"] or "no reason given") if skipped else None,
                              "\n".join(said)))
            said = []
        elif line.startswith("Bail out!"):
            cases.append(Case(line, False, details="\n".join(said)))
            said = []
        elif line.strip():
            said.append(line)
    rest = "\n".join(said)
    if status is None:
        cases.append(Case("the program ended", False, details=rest))
    elif planned is None:
        cases.append(Case("the program printed a plan", False, details=rest))
    elif planned != len(cases):
        cases.append(Case(f"{planned} cases were planned, {len(cases)} ran", False, details=rest))
    elif status != 0 and all(case.ok for case in cases):
        cases.append(Case(f"the exit status is 0, not {status}", False, details=rest))
    return cases


def parse_ktap(text):
    """The leaf cases of KTAP, titled by their path; missing ones become failed cases."""
    cases, said = [], []
    levels = {}     # indent -> [cases planned or None, cases seen, index of the first]
    for line in text.split("\n"):
        if plan := PLAN.match(line):
            levels[len(plan["indent"])] = [int(plan["count"]), 0, len(cases)]
        elif result := RESULT.match(line):
            indent, title = len(result["indent"]), result["title"].strip()
            children = {i: level for i, level in levels.items() if i > indent}
            first = min((level[2] for level in children.values()), default=len(cases))
            for planned, seen, _ in children.values():
                if planned not in (None, seen):
                    cases.append(Case(f"{planned} planned, {seen} ran", False))
            for i in children:
                del levels[i]
            for case in cases[first:]:
                case.title = f"{title}: {case.title}"
            # the parameters of a case come without a plan
            levels.setdefault(indent, [None, 0, first])[1] += 1
            skipped = result["directive"] in ("SKIP", "skip")
            group_hides = bool(result["not"]) and all(c.ok for c in cases[first:])
            if first == len(cases) or group_hides:
                cases.append(Case(title, not result["not"],
                                  (result["reason"] or "no reason given") if skipped else None,
                                  "\n".join(said)))
            said = []
        elif line.strip() and not line.lstrip().startswith(("KTAP", "# Subtest")):
            said.append(line)
    for planned, seen, _ in levels.values():
        if planned not in (None, seen):
            cases.append(Case(f"{planned} planned, {seen} ran", False, details="\n".join(said)))
    return cases
