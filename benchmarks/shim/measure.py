"""benchmarks/shim/run: reads its options and calls the measurements."""

import argparse

import collector
import pairs
import programs
import stacks

WHAT = {"pairs": pairs.measure, "programs": programs.measure, "collector": collector.measure, "stacks": stacks.measure}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=[*WHAT, "compare", "all"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", type=lambda names: names.split(","))
    parser.add_argument("--memleak")
    options = parser.parse_args()
    if options.what == "compare":
        stacks.compare_all(options)
    for name, measure in WHAT.items():
        if options.what in (name, "all"):
            measure(options)


main()
