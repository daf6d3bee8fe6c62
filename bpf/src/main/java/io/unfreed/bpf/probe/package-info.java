/**
 * Which functions of which objects are probed, and attaching to them. Called by {@code session}.
 */
package io.unfreed.bpf.probe;
