package io.unfreed.bpf.ffi;

/**
 * Where a user probe goes.
 *
 * @param binary a path the kernel can open; /proc/PID/root/... reaches other mount namespaces
 * @param fileOffset of the instruction in that file
 * @param atReturn at the function's return rather than its enter
 * @param cookie the number the BPF program gets: which function this is
 */
public record UprobeSpot(String binary, long fileOffset, boolean atReturn, long cookie) {}
