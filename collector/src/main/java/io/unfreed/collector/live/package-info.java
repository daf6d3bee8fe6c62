/**
 * Live recordings: events, stacks and process records of a {@link
 * io.unfreed.bpf.session.LiveSession} become lanes of batches for a sink. {@link
 * io.unfreed.collector.live.LiveRecording} is the entry; commands call it.
 */
package io.unfreed.collector.live;
