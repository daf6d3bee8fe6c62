/**
 * What tracers stated, put together: the newest rows of a recording ({@link
 * io.unfreed.streams.trace.TraceBook}) and the differences of two statements ({@link
 * io.unfreed.streams.trace.TraceDifference}). Pure; called by queries and the topology.
 */
package io.unfreed.streams.trace;
