/**
 * Live capture with eBPF. This package holds what can go wrong; {@code session} is the entry for
 * the collector, {@code ring} what it reads, {@code symbols} what it names addresses with.
 */
package io.unfreed.bpf;
