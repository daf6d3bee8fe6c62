"""What the measurements of benchmarks/shim/run share: the machine, runs, tables. The current directory is the inputs'."""

import dataclasses
import json
import os
import platform
import re
import select
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
HOME = os.path.dirname(os.path.dirname(HERE))
UNFREED = os.environ.get("UNFREED", HOME + "/unfreed")
LIBRARIES = os.path.dirname(os.path.realpath(UNFREED)) + "/cli/target/unfreed/lib/*"
TICKS = os.sysconf("SC_CLK_TCK")
OURS = {"ours": [], "ours, --free-stacks": ["--free-stacks"]}

loads = []


def note_load():
    loads.append(os.getloadavg()[0])


def machine(rounds):
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    say(f"\n{model}, {os.cpu_count()} cores, Linux {platform.release()}, {time.strftime('%FT%RZ', time.gmtime())}; load before "
        f"each run {min(loads):.1f} to {max(loads):.1f}, median {statistics.median(loads):.1f}; {rounds} rounds; "
        f"median (least-most)\n")
    loads.clear()


def say(line):
    print(line, flush=True)


def tell(line):
    print(line, file=sys.stderr, flush=True)


def spread(values, digits=1):
    values = [value for value in values if value is not None]
    if not values:
        return "-"
    text = f"{statistics.median(values):,.{digits}f}"
    return text if len(values) == 1 else f"{text} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def table(head, rows):
    say("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        say("| " + " | ".join(str(cell) for cell in row) + " |")


def stop(process):
    process.terminate()
    process.wait()


def record(command, *options, capture="recording.unfreed"):
    """A command in front of which the recorder stands, by the library if nothing else is asked for."""
    return [UNFREED, "record", "--probe", os.environ.get("UNFREED_PROBE", "shim"), "--force", "-o", capture, *options, "--", *command]


def heaptrack(command, trace="trace"):
    return ["heaptrack", "-r", "-o", trace, *command]


def have(*names):
    return [name for name in names if shutil.which(name)]


def checked(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {done.returncode}: {done.stderr[-2000:]}{done.stdout[-500:]}")
    return done.stdout


def java(program, *arguments):
    """What one of the Java programs beside this file prints, with the libraries of Unfreed."""
    jdk = checked([UNFREED, "--print-jdk"]).strip()
    return checked([jdk + "/bin/java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                    "-cp", LIBRARIES, f"{HERE}/{program}.java", *arguments])


def session_facts(capture="recording.unfreed", warm_up=None):
    """Counters of a recording's end, and `lostWarm`, what was lost after its first seconds."""
    return json.loads(java("SessionFacts", capture, *([] if warm_up is None else [str(warm_up)])))


def cpu_by_thread(pid):
    """CPU seconds of a process: in all, and by the name of its threads."""
    try:
        total, names = stat_seconds(f"/proc/{pid}/stat")[1], {}
        for thread in os.listdir(f"/proc/{pid}/task"):
            name, seconds = stat_seconds(f"/proc/{pid}/task/{thread}/stat")
            names[name] = names.get(name, 0) + seconds
        return total, names
    except (OSError, ValueError):
        return None  # it has ended


def stat_seconds(file):
    with open(file) as open_file:
        text = open_file.read()
    after = text[text.rindex(")") + 2:].split()
    return text[text.index("(") + 1:text.rindex(")")], (int(after[11]) + int(after[12])) / TICKS


@dataclasses.dataclass
class Seen:
    """A run of a program: seconds from its exec to its end, CPU seconds of its own."""

    seconds: float
    cpu: float | None
    out: str
    err: str


def timed(command, wrap=None, environment=None, stdin=None, shown=True):
    """Runs a program below what wrap() puts in front of it and times the program, not what is around it."""
    fifo = os.path.abspath("begin.fifo")
    if not os.path.exists(fifo):
        os.mkfifo(fifo)
    dynamic = wrap is not None and wrap(["x"])[0] == UNFREED  # which is loaded at an exec too
    command = [os.path.abspath("begin" if dynamic else "begin-static"), fifo, *command]
    note_load()
    with open("out", "w+") as out, open("err", "w+") as err, open(stdin or os.devnull) as given:
        process = subprocess.Popen(wrap(command) if wrap else command, stdin=given, stdout=out, stderr=err,
                                   env={**os.environ, **(environment or {})})
        watch = threading.Thread(target=lambda: process.wait() and unblock(fifo))
        watch.start()
        with open(fifo) as pipe:
            told = pipe.readline().split()
            cpu = None
            while told and not select.select([pipe], [], [], 0.01)[0]:
                cpu = cpu_so_far(told[0]) or cpu
            ended = time.clock_gettime(time.CLOCK_MONOTONIC)
            cpu = cpu_so_far(told[0]) or cpu if told else None
        watch.join()
        out.seek(0)
        err.seek(0)
        printed, complained = out.read(), err.read()
    if process.returncode != 0 or not told:
        sys.exit(f"{' '.join(command)}: status {process.returncode}: {complained[-2000:]}{printed[-500:]}")
    return Seen(ended - int(told[1]) / 1e9, cpu, printed, complained)


def unblock(fifo):
    """Its reader waits for a writer that never came."""
    try:
        os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        pass  # nobody waits


def cpu_so_far(pid):
    """CPU seconds of a process, to 10 ms; None when it is gone."""
    try:
        return stat_seconds(f"/proc/{pid}/stat")[1]
    except (OSError, ValueError):
        return None


def pairs_of(text):
    line = next(line for line in text.splitlines() if line.startswith("depth="))
    return {key: value for key, value in re.findall(r"(\w+)=(\S+)", line)}
