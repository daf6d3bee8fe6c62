"""Runs the contenders of benchmarks/run in turn and prints the tables. Arguments: home, rounds, whose (all or ours), trace
names."""

import collections
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time

HOME, ROUNDS, OURS, TRACES = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "ours", sys.argv[4:]
INTERPRET = "/usr/lib/heaptrack/libexec/heaptrack_interpret"
UNFREED = HOME + "/unfreed"
REPLAY = "unfreed replay CAPTURE"

# What the threads of a replay do, by the beginning of their names (of which Linux keeps 15 characters).
WORK = {
    "read and publish": ("java", "capture-reader", "kafka-producer", "Training"),
    "broker": ("data-plane", "kafka-", "quorum-", "group-coord", "ExpirationReap", "controller"),
    "fetch, match and report": ("unfreed-", "consumer_back"),
    "JIT compiler": ("C1 Comp", "C2 Comp"),
    "garbage collector": ("GC Thread", "G1 "),
}


def contenders(trace):
    raw, capture = f"{trace}.raw.zst", f"{trace}.unfreed"
    heaptrack = {
        "heaptrack_interpret": ["sh", "-c", f"zstd -dc {raw} | {INTERPRET} | zstd -q -c >{trace}.zst"],
        "heaptrack_print": ["heaptrack_print", "-p", "0", "-a", "0", "-T", "0", "-l", "1", "-f", f"{trace}.zst"],
    }
    return ({} if OURS else heaptrack) | {
        "unfreed import": [UNFREED, "import", "heaptrack", raw, "-o", capture, "--force"],
        "unfreed report CAPTURE": [UNFREED, "report", "--format", "json", capture],
        "unfreed report RAW": [UNFREED, "report", "--format", "json", raw],
        REPLAY: [UNFREED, "replay", "--format", "json", capture],
    }


def run(command):
    """Wall seconds, CPU seconds and peak MB of the process and its children; CPU seconds by work; what it printed."""
    with open("out", "w+") as out, open("err", "w+") as err:
        begun = time.monotonic()
        pid = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, err.fileno(), 2),
            ],
        )
        threads = {}
        while True:
            exited, status, usage = os.wait4(pid, os.WNOHANG)
            if exited:
                break
            threads |= thread_seconds(pid)
            time.sleep(0.02)
        wall = time.monotonic() - begun
        out.seek(0)
        err.seek(0)
        if status != 0:
            sys.exit(f"{' '.join(command)}: status {status}: {err.read()[:2000]}")
        return (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), by_work(threads), out.read()


def thread_seconds(pid):
    """CPU seconds so far of each thread of a process: (id) -> (name, seconds)."""
    seconds = {}
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/stat") as file:
                stat = file.read()
            after = stat[stat.rindex(")") + 2 :].split()
            ticks = int(after[11]) + int(after[12])
            seconds[thread] = (stat[stat.index("(") + 1 : stat.rindex(")")], ticks / os.sysconf("SC_CLK_TCK"))
    except OSError:
        pass  # it has ended
    return seconds


def by_work(threads):
    sums = collections.Counter()
    for name, seconds in threads.values():
        sums[next((work for work, names in WORK.items() if name.startswith(names)), "other")] += seconds
    return sums


def reference(trace):
    """The totals by the simplest means: a map of what is live."""
    live, allocations, frees, total = {}, 0, 0, 0
    reader = subprocess.Popen(["zstd", "-dc", f"{trace}.raw.zst"], stdout=subprocess.PIPE)
    for line in reader.stdout:
        if line[0] == 43:
            _, size, _, address = line.split()
            live[address] = int(size, 16)
            allocations += 1
            total += int(size, 16)
        elif line[0] == 45:
            frees += live.pop(line[2:-1], None) is not None
    return {
        "allocations": allocations,
        "frees": frees,
        "allocatedBytes": total,
        "outstandingBytes": sum(live.values()),
        "outstandingCount": len(live),
    }


def totals(trace):
    path = f"{trace}.totals.json"
    if not os.path.exists(path):
        with open(path, "w") as file:
            json.dump(reference(trace), file)
    with open(path) as file:
        return json.load(file)


def check(name, trace, printed, expected):
    if not name.startswith("unfreed re"):
        return
    found = json.loads(printed.splitlines()[-1])["totals"]
    wrong = {key: (found[key], value) for key, value in expected.items() if found[key] != value}
    if wrong:
        sys.exit(f"{name} on {trace}: found and expected differ: {wrong}")


def main():
    results, events, inside = {}, {}, {}
    for trace in TRACES:
        expected = totals(trace)
        events[trace] = expected["allocations"] + expected["frees"]
    loads = []
    for round_ in range(ROUNDS):
        for trace in TRACES:
            for name, command in contenders(trace).items():
                loads.append(os.getloadavg()[0])
                numbers, work, printed = run(command)
                if name == REPLAY:
                    inside.setdefault(trace, []).append(work)
                check(name, trace, printed, totals(trace))
                results.setdefault((trace, name), []).append(numbers)
        print(f"round {round_ + 1} of {ROUNDS}", file=sys.stderr)
    show(results, events, loads)
    show_inside(inside, events)


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def show(results, events, loads):
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    print(f"{model}, {os.cpu_count()} cores, Linux {platform.release()}; load before each run "
          f"{min(loads):.1f} to {max(loads):.1f}, median {statistics.median(loads):.1f}; {ROUNDS} rounds")
    print("| trace | events | command | wall s, median (least-most) | CPU s, median (least-most) | peak MB |")
    print("|---|---|---|---|---|---|")
    for (trace, name), rows in results.items():
        wall, cpu, peak = ([row[i] for row in rows] for i in range(3))
        print(f"| {trace} | {events[trace] / 1e6:.1f} M | {name} | {spread(wall)} | {spread(cpu)} "
              f"| {statistics.median(peak):.0f} |")
    if len(TRACES) == 2:
        for name in (REPLAY, "unfreed report CAPTURE", "heaptrack_interpret", "heaptrack_print"):
            if (TRACES[0], name) not in results:
                continue
            small, large = ([statistics.median(row[i] for row in results[trace, name]) for i in (0, 1)]
                            for trace in TRACES)
            more = events[TRACES[1]] - events[TRACES[0]]
            print(f"sustained, {name}: {more / (large[0] - small[0]) / 1e6:.1f} M events/s of wall time, "
                  f"{(large[1] - small[1]) / more * 1e9:.0f} ns CPU per event")


def show_inside(inside, events):
    """Medians of the CPU seconds of the threads of a replay, and what each costs per further event."""
    print("\n| inside replay, CPU s | " + " | ".join(f"{events[t] / 1e6:.1f} M events" for t in TRACES)
          + (" | ns per further event |" if len(TRACES) == 2 else " |"))
    print("|---|" + "---|" * (len(TRACES) + (len(TRACES) == 2)))
    for work in [*WORK, "other"]:
        medians = [statistics.median(round_[work] for round_ in inside[t]) for t in TRACES]
        row = [f"{seconds:.2f}" for seconds in medians]
        if len(TRACES) == 2:
            row.append(f"{(medians[1] - medians[0]) / (events[TRACES[1]] - events[TRACES[0]]) * 1e9:.0f}")
        print(f"| {work} | " + " | ".join(row) + " |")


main()
