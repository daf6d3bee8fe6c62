"""What the collector needs per event, with a small heap, and from which rate on it loses."""

import os
import statistics
import subprocess
import time

from common import cpu_by_thread, machine, note_load, pairs_of, record, say, session_facts, spread, table, tell

HEAP = "-Xmx64m"
SETTINGS = [  # name, stack, threads, events per second (0: as many as come), options
    ("5 M/s", "same", 1, 5e6, ()),
    ("5 M/s", "repush:4", 2, 5e6, ()),
    ("5 M/s, --free-stacks", "same", 1, 5e6, ("--free-stacks",)),
    ("full rate, wait", "same", 1, 0, ("--on-full", "wait")),
    ("full rate, wait", "alternate:4", 1, 0, ("--on-full", "wait")),
    ("full rate, wait", "same", 2, 0, ("--on-full", "wait")),
    ("full rate, drop", "same", 1, 0, ("--on-full", "drop")),
    ("full rate, drop", "same", 2, 0, ("--on-full", "drop")),
]
RATES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
WORK = {  # by the beginning of a thread's name
    "rings to batches": ("java", "main", "unfreed-shim"),
    "outbox": ("unfreed-outbox",),
    "writer": ("capture-writer",),
    "JIT": ("C1 Comp", "C2 Comp"),
    "GC": ("GC Thread", "G1 ", "VM Thread"),
}


def measure(options):
    warm_up, seconds = (6, 5) if options.short else (15, 15)
    results = {}
    for round_ in range(options.rounds):
        for setting in SETTINGS:
            results.setdefault(setting, []).append(run(*setting[1:], warm_up, seconds))
        tell(f"collector: round {round_ + 1} of {options.rounds}")
    show(results, options.rounds, warm_up, seconds)
    first_lost = [climb(warm_up, 3 if options.short else 8) for _ in range(min(options.rounds, 3))]
    say("\n## First losses, --on-full drop")
    machine(len(first_lost))
    say("One thread in bursts of a millisecond, its rate raised from run to run until something is lost behind the warm-up.\n")
    table(["round", "events asked for per second", "events per second", "lost behind the warm-up"],
          [[i + 1, f"{asked} M", f"{rate / 1e6:.2f} M", lost] for i, steps in enumerate(first_lost) for asked, rate, lost in steps])


def run(stack, threads, rate, more, warm_up, seconds):
    """One recording; what the collector used between the target's own two stamps."""
    command = ["./pairs_deep", "21", stack, str(threads), str(seconds), str(warm_up), str(rate / 2)]
    note_load()
    environment = {**os.environ, "UNFREED_JAVA_OPTS": HEAP + " " + os.environ.get("UNFREED_JAVA_OPTS", "")}
    with open("err", "w") as err:
        process = subprocess.Popen(record(command, *more), stdout=subprocess.PIPE, stderr=err, text=True, env=environment)
    samples, peak = [], 0
    while process.poll() is None:
        used = cpu_by_thread(process.pid)
        if used:
            samples.append((time.clock_gettime(time.CLOCK_MONOTONIC), *used))
            peak = max(peak, resident_mb(process.pid))
        time.sleep(0.1)
    printed = process.stdout.read()
    if process.returncode != 0:
        raise SystemExit(f"recording: status {process.returncode}: {open('err').read()[-2000:]}")
    numbers = pairs_of(printed)
    first, last = (closest(samples, int(numbers[end]) / 1e9) for end in ("from", "to"))
    wall = (int(numbers["to"]) - int(numbers["from"])) / 1e9
    facts = session_facts(warm_up=warm_up + 1)
    written = int(numbers["pairs"]) * 2  # of dropped ones nothing is encoded
    events = written - facts.get("lostWarm", 0) * seconds / max(seconds - 1, 1)
    share = wall / (last[0] - first[0])
    nanos = {name: sum(used - first[2].get(thread, 0) for thread, used in last[2].items() if thread.startswith(names))
             * share * 1e9 / events for name, names in WORK.items()}
    return {"ns": (last[1] - first[1]) * share * 1e9 / events, "rate": written / wall, "lost": facts["lost"],
            "warm": facts.get("lostWarm", 0), "waits": facts.get("ringWaits", 0), "peak": peak, "by": nanos,
            "cpu": float(numbers["cpu_ns_per_pair"]), "pair": float(numbers["ns_per_pair"])}


def resident_mb(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    except (OSError, StopIteration):
        return 0


def closest(samples, moment):
    return min(samples, key=lambda sample: abs(sample[0] - moment))


def climb(warm_up, seconds):
    steps = []
    for asked in RATES:
        found = run("same", 1, asked * 1e6, ("--on-full", "drop"), warm_up, seconds)
        steps.append((asked, found["rate"], found["warm"]))
        if found["warm"] or found["rate"] < asked * 0.8e6:
            break
    return steps


def show(results, rounds, warm_up, seconds):
    say("## Collector")
    machine(rounds)
    say(f"{HEAP}; {seconds} s behind a warm-up of {warm_up} s. Events of the target per second, CPU ns of the collector's process per event "
        "it received, and of its threads; lost: in all, and behind the warm-up. Waits: how often a full ring was waited for.\n")
    rows = []
    for (name, stack, threads, *_), runs in results.items():
        of = {key: [run[key] for run in runs] for key in runs[0]}
        rows.append([name, stack, threads, spread([rate / 1e6 for rate in of["rate"]], 2), spread(of["ns"]),
                     " + ".join(f"{statistics.median(by[part] for by in of['by']):.0f}" for part in WORK),
                     spread(of["pair"]), spread(of["cpu"]), spread(of["waits"], 0), spread(of["lost"], 0),
                     spread(of["warm"], 0), spread(of["peak"], 0)])
    table(["", "stack", "threads", "M events/s", "CPU ns per event", " + ".join(WORK), "target ns per pair", "target CPU ns per pair",
           "waits", "lost", "lost warm", "resident MB"], rows)
