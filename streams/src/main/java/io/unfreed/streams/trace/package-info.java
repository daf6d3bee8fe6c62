/**
 * What tracers stated, put together: the newest rows of a recording ({@link
 * io.unfreed.streams.trace.TraceBook}), the differences of two statements ({@link
 * io.unfreed.streams.trace.TraceDifference}), what happened between two moments ({@link
 * io.unfreed.streams.trace.TraceSpan}) and over time ({@link
 * io.unfreed.streams.trace.TraceTimeline}). Pure; called by queries, answers and the topology.
 */
package io.unfreed.streams.trace;
