"""Whole programs untraced, under heaptrack and recorded by the library."""

import re
import signal
import socket
import statistics
import subprocess
import time

from common import OURS, have, heaptrack, machine, note_load, record, say, spread, table, tell, timed
from workloads import programs

TESTS = ("set", "lpush")
PORT = 16379


def contenders():
    wraps = {"untraced": None}
    if have("heaptrack"):
        wraps["heaptrack"] = heaptrack
    for name, more in OURS.items():
        wraps[name] = lambda command, more=more: record(command, *more)
    return wraps


def measure(options):
    chosen = programs(options.short, options.only)
    with_redis = len(have("redis-server", "redis-benchmark")) == 2 and (not options.only or "redis" in options.only)
    seconds, cpu, rates = {}, {}, {}
    for round_ in range(options.rounds):
        for program, (command, environment, stdin) in chosen.items():
            printed = set()
            for name, wrap in contenders().items():
                seen = timed(command, wrap, environment, stdin)
                seconds.setdefault((program, name), []).append(seen.seconds)
                cpu.setdefault((program, name), []).append(seen.cpu)
                if name != "heaptrack":  # which speaks on the same stream
                    printed.add(seen.out)
            if len(printed) > 1:
                raise SystemExit(f"{program} printed something else when it was recorded")
        if with_redis:
            for name, wrap in contenders().items():
                for test, rate in redis(wrap, 60000 if options.short else 300000).items():
                    rates.setdefault((test, name), []).append(rate)
        tell(f"programs: round {round_ + 1} of {options.rounds}")
    show(seconds, cpu, rates, options.rounds)


def redis(wrap, requests):
    """Requests per second of each test."""
    note_load()
    server = ["redis-server", "--port", str(PORT), "--save", "", "--appendonly", "no"]
    with open("redis.out", "w") as out:
        process = subprocess.Popen(wrap(server) if wrap else server, stdout=out, stderr=out)
    try:
        await_port(process)
        run_benchmark(TESTS, requests // 4)  # caches, and the recorder's compiler
        return run_benchmark(TESTS, requests)
    finally:
        subprocess.run(["redis-cli", "-p", str(PORT), "shutdown", "nosave"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            process.wait()


def await_port(process):
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", PORT)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"redis-server does not answer: {open('redis.out').read()[-2000:]}")


def run_benchmark(tests, requests):
    done = subprocess.run(["redis-benchmark", "-p", str(PORT), "-t", ",".join(tests), "-n", str(requests), "-r", "100000", "--csv"],
                          stdout=subprocess.PIPE, text=True, check=True)
    return {row[0].lower(): float(row[1]) for row in
            (re.findall(r'"([^"]*)"', line) for line in done.stdout.splitlines()) if row[0].lower() in tests}


def slowdowns(values, key, name):
    """Round by round: the ones that are compared ran one after the other."""
    return [traced / bare for traced, bare in zip(values[key, name], values[key, "untraced"]) if traced and bare]


def show(seconds, cpu, rates, rounds):
    say("## Programs")
    machine(rounds)
    rows = []
    for (program, name) in seconds:
        of_wall = slowdowns(seconds, program, name)
        rows.append([program, name, spread(seconds[program, name], 2), spread(cpu[program, name], 2),
                     "" if name == "untraced" else spread(of_wall, 2),
                     "" if name == "untraced" else spread(slowdowns(cpu, program, name), 2),
                     verdict(seconds, program, name)])
    table(["program", "", "wall s", "its CPU s", "wall, times untraced", "CPU, times untraced", "slowdown, of heaptrack's"], rows)
    if rates:
        say("")
        rows = [[test, name, spread(values, 0),
                 "" if name == "untraced" else spread([100 * x for x in slowdowns(rates, test, name)], 0)]
                for (test, name), values in rates.items()]
        table(["redis-benchmark", "", "requests/s", "% of untraced"], rows)


def verdict(values, key, name):
    """What ours adds to the untraced run, in parts of what heaptrack adds."""
    if not name.startswith("ours") or (key, "heaptrack") not in values:
        return ""
    own, other = (statistics.median(slowdowns(values, key, of)) - 1 for of in (name, "heaptrack"))
    return f"{own / other:.2f}" if other > 0.01 else "-"
