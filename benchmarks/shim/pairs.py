"""malloc + free pairs under 21 frames without frame pointers."""

import subprocess

from common import OURS, have, heaptrack, machine, note_load, pairs_of, record, say, spread, stop, table, tell, timed

SHAPES = ("same", "repush:4", "alternate:4")
THREADS = (1, 2, 4, 8)


def measure(options):
    seconds, warm_up = (2, 4) if options.short else (5, 8)
    results = {}
    for round_ in range(options.rounds):
        for shape, threads in [(shape, 1) for shape in SHAPES] + [("same", threads) for threads in THREADS[1:]]:
            command = ["./pairs_deep", "21", shape, str(threads), str(seconds), str(warm_up)]
            for name, wrap in contenders().items():
                numbers = pairs_of(timed(command, wrap).out)
                results.setdefault((shape, threads, name), []).append(numbers)
            if options.memleak and threads == 1:
                numbers = under_memleak(command, options.memleak)
                results.setdefault((shape, threads, "memleak"), []).append(numbers)
        tell(f"pairs: round {round_ + 1} of {options.rounds}")
    show(results, options.rounds, seconds, warm_up)


def contenders():
    wraps = {"bare": None}
    if have("heaptrack"):
        wraps["heaptrack"] = heaptrack
    for name, more in OURS.items():
        wraps[name] = lambda command, more=more: record(command, *more)
    return wraps


def under_memleak(command, memleak):
    """It attaches to what runs already, within the warm-up."""
    note_load()
    command = command[:-1] + [str(int(command[-1]) + 15)]
    target = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with open("memleak.out", "w") as out:
        tracer = subprocess.Popen([memleak, "-p", str(target.pid), "3600"], stdout=out, stderr=subprocess.STDOUT)
    printed, _ = target.communicate()
    if tracer.poll() is not None:
        raise SystemExit(f"{memleak}: ended with {tracer.returncode}: {open('memleak.out').read()[-1000:]}")
    stop(tracer)
    return pairs_of(printed)


def show(results, rounds, seconds, warm_up):
    say("## Pairs")
    machine(rounds)
    say(f"{seconds} s each behind {warm_up} s that are not counted. ns per pair of one thread by the clock (with more threads "
        "than CPUs, and the recorder beside them, it includes waiting), its own CPU time per pair, and pairs of all threads.\n")
    rows = []
    for (shape, threads, name), runs in results.items():
        bare = results[shape, threads, "bare"]
        rows.append([
            shape, threads, name,
            spread([float(run["ns_per_pair"]) for run in runs]),
            spread([float(run["cpu_ns_per_pair"]) for run in runs]),
            "" if name == "bare" else spread([float(run["cpu_ns_per_pair"]) - float(other["cpu_ns_per_pair"])
                                              for run, other in zip(runs, bare)]),
            spread([float(run["pairs_per_second_per_thread"]) * threads / 1e6 for run in runs], 2),
        ])
    table(["stack", "threads", "", "ns per pair", "CPU ns per pair", "above bare", "M pairs/s in all"], rows)
