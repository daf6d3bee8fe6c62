package io.unfreed.bpf.trace;

/**
 * One happening that took longer than the threshold.
 *
 * @param endedNanos CLOCK_MONOTONIC
 * @param result of a system call; 0 or a negative errno of io
 */
public record TraceEvent(
    TraceCell.Kind kind,
    long subject,
    long detail,
    int tgid,
    int tid,
    String comm,
    long endedNanos,
    long nanos,
    long result) {}
