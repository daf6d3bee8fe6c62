"""Whether the stacks are right: against libgcc's unwinder inside the target, and against heaptrack's on the same program."""

import collections
import json
import os

from common import UNFREED, checked, have, heaptrack, java, machine, note_load, record, say, session_facts, table, tell, timed
from programs import redis
from workloads import programs

CHECKS = 10_000_000
COMPARED = ("sqlite3", "jq", "python3", "cc1plus")
OWN = ("libheaptrack", "libunfreed")


def measure(options):
    say("## Self-checks")
    self_checks(options)
    compare_all(options)


def compare_all(options):
    if have("heaptrack"):
        for program, (command, environment, stdin) in programs(True, options.only).items():
            if program in COMPARED:
                environment = {**environment, "GLIBC_TUNABLES": ""}
                compare(program, lambda wrap: timed(command, wrap, environment, stdin))
        if "redis" in (options.only or ["redis"]) and len(have("redis-server", "redis-benchmark")) == 2:
            compare("redis-server", lambda wrap: redis(wrap, 20000 if options.short else 100000))


def self_checks(options):
    chosen, rows, sums = programs(options.short, options.only), [], collections.Counter()
    log = os.path.abspath("mismatches.log")
    turn = 0
    if os.path.exists(log):
        os.remove(log)
    environment_of_all = {"UNFREED_SHIM_CHECK": "1", "UNFREED_SHIM_CHECK_LOG": log}
    while turn == 0 or (sums["stackChecks"] < CHECKS and not options.short and turn < 20):
        turn += 1
        for program, (command, environment, stdin) in chosen.items():
            timed(command, record, {**environment, **environment_of_all}, stdin)
            add(program, rows, sums)
        if turn == 1 and (not options.only or "redis" in options.only) and len(have("redis-server", "redis-benchmark")) == 2:
            os.environ.update(environment_of_all)
            redis(record, 20000)
            for name in environment_of_all:
                del os.environ[name]
            add("redis-server", rows, sums)
        tell(f"stacks: {sums['stackChecks']:,} checks so far")
    machine(turn)
    table(["program", "events", "checks", "mismatches", "said to be incomplete", "lost"], rows + [
        ["sum", *(f"{sums[key]:,}" for key in ("received", "stackChecks", "stackMismatches", "stackChecksIncomplete", "lost"))]])
    if sums["stackMismatches"]:
        say(f"\nThe first differences of each process, ours and libgcc's, are in {log}; the frames where they begin:\n")
        table(["times", "our frame, libgcc's"], where_they_differ(log))


def add(program, rows, sums):
    facts = session_facts()
    keys = ("received", "stackChecks", "stackMismatches", "stackChecksIncomplete", "lost")
    rows.append([program, *(f"{facts.get(key, 0):,}" for key in keys)])
    for key in keys:
        sums[key] += facts.get(key, 0)


def where_they_differ(log):
    first, inside = collections.Counter(), False
    with open(log) as lines:
        for line in lines:
            if line.startswith("pid "):
                inside = True
            elif inside and line.startswith("!"):
                first[line.split(maxsplit=3)[-1].strip()] += 1
                inside = False
    return [[count, where] for where, count in first.most_common(20)]


def compare(program, run):
    """The same input under both; addresses are as the objects have them, so that runs can be compared."""
    say(f"\n## {program}: stacks by heaptrack and ours\n")
    note_load()
    run(heaptrack)
    run(record)
    checked([UNFREED, "import", "heaptrack", "trace.raw.zst", "--symbols", "/", "--force", "-o", "trace.unfreed"])
    theirs, ours = (report(file) for file in ("trace.unfreed", "recording.unfreed"))
    keys = ("allocations", "frees", "allocatedBytes", "peakBytes", "outstandingBytes", "outstandingCount", "distinctStacks")
    table(["", "heaptrack", "ours", "difference"],
          [[key, *(f"{report['totals'][key]:,}" for report in (theirs, ours)),
            f"{ours['totals'][key] - theirs['totals'][key]:,}"] for key in keys])
    difference(stacks_of("trace.unfreed"), stacks_of("recording.unfreed"))


def report(file):
    printed = checked([UNFREED, "report", file, "--format", "json", "--top", "1"])
    reports = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return max(reports, key=lambda report: report["totals"]["allocations"])


def stacks_of(capture):
    """Allocations by stack, a stack as places (module, address, symbol) from the innermost on."""
    sums = collections.Counter()
    for line in java("StackCounts", capture).splitlines():
        blocks, _, *fields = line.split("\t")
        places = zip((os.path.realpath(module) for module in fields[0::3]), fields[1::3], fields[2::3])
        sums[tuple(place for place in places if not any(own in place[0] for own in OWN))] += int(blocks)
    return sums


def difference(theirs, ours):
    """Every stack that one has and the other has not, or not as often, by what is different."""
    equal = sum(1 for stack in theirs.keys() & ours.keys() if theirs[stack] == ours[stack])
    same = sum((theirs & ours).values())
    say(f"\n{equal} of {len(theirs)} and {len(ours)} stacks are equal with all their allocations; "
        f"{same:,} of our {sum(ours.values()):,} allocations ({100 * same / sum(ours.values()):.3f} %) have heaptrack's stack.")
    deepest = max(map(len, theirs))
    cut = [cut_at(deepest, of) for of in (theirs, ours)]
    say(f"Of the innermost {deepest} frames, heaptrack's most, {share(sum((cut[0] & cut[1]).values()), ours)} have the same; "
        f"{share(sum(count for stack, count in cut[1].items() if stack in cut[0]), ours)} some that heaptrack has as well, however often. "
        f"{share(sum(count for stack, count in ours.items() if stack and stack[-1][2] == '(incomplete)'), ours)} are incomplete.\n")
    longer = f"longer than the {deepest} frames that heaptrack has at most"
    kinds, examples = collections.Counter(), {}
    only = {name: {stack: count for stack, count in of.items() if other.get(stack) != count}
            for name, of, other in (("heaptrack", theirs, ours), ("ours", ours, theirs))}
    for name, of, other in (("heaptrack", only["heaptrack"], only["ours"]), ("ours", only["ours"], only["heaptrack"])):
        for stack, count in of.items():
            deep = len(stack) >= deepest and stack[:deepest] in cut[name == "heaptrack"]
            kind = longer if deep else kind_of(stack, other, name)
            kinds[name, kind, "stacks"] += 1
            kinds[name, kind, "allocations"] += count
            examples.setdefault((name, kind), stack)
    table(["only with", "kind", "stacks", "allocations", "one of them"],
          [[name, kind, kinds[name, kind, "stacks"], kinds[name, kind, "allocations"], text(stack)]
           for (name, kind), stack in sorted(examples.items())])


def cut_at(frames, of):
    sums = collections.Counter()
    for stack, count in of.items():
        sums[stack[:frames]] += count
    return sums


def share(count, of):
    return f"{count:,} ({100 * count / sum(of.values()):.3f} %)"


def kind_of(stack, others, name):
    if name == "heaptrack" and "/libstdc++.so" in stack[0][0] and not any("/libstdc++.so" in place[0] for other in others for place in other):
        return "libstdc++'s reserve, 72,704 bytes: heaptrack's own library brings it into a C program"
    if stack in others:
        return "same stack, other number of allocations"
    for other in others:
        shorter, longer = sorted((stack, other), key=len)
        if len(shorter) >= 2 and longer[:len(shorter)] == shorter:
            return "ends earlier" if shorter is stack else "goes on further outward"
        if len(shorter) >= 2 and longer[len(longer) - len(shorter):] == shorter:
            return "without its innermost frames" if shorter is stack else "with more frames inside"
    if any(len(other) == len(stack) and sum(a != b for a, b in zip(stack, other)) == 1 for other in others):
        return "one frame is another"
    return "no counterpart"


def text(stack):
    frames = [f"{symbol.split('(')[0]}" if symbol != "null" else f"{os.path.basename(module)}+{address}"
              for module, address, symbol in stack]
    return " ".join(frames[:6]) + (f" .. {' '.join(frames[-2:])} ({len(frames)})" if len(frames) > 8 else "")
