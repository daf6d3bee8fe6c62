/**
 * A live recording: the API for the collector. {@link io.unfreed.bpf.session.LiveSession} loads the
 * programs, attaches to processes, a command or the kernel, and hands out records and counters.
 */
package io.unfreed.bpf.session;
