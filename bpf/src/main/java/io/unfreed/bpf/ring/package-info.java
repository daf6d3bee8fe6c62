/**
 * Reading the BPF ring buffer: mapped memory, reusable cursors over its records, no object per
 * event. One thread reads.
 */
package io.unfreed.bpf.ring;
