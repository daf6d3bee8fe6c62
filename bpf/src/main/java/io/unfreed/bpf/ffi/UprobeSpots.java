package io.unfreed.bpf.ffi;

/**
 * Where user probes of one link go.
 *
 * @param binary a path the kernel can open; /proc/PID/root/... reaches other mount namespaces
 * @param fileOffsets of the instructions in that file
 * @param cookies the number the BPF program gets at each: which function this is
 * @param atReturn at the functions' returns rather than their enters
 */
@SuppressWarnings("ArrayRecordComponent") // handed to the kernel as it is, never compared
public record UprobeSpots(String binary, long[] fileOffsets, long[] cookies, boolean atReturn) {}
