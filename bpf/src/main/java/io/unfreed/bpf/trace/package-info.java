/**
 * Tracers of what makes a node slow, counted in the kernel: {@link
 * io.unfreed.bpf.trace.TraceSession} is the entry, for the command line.
 */
package io.unfreed.bpf.trace;
