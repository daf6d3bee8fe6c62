/**
 * Capture files: Avro object containers of sessions, call stacks and event batches, written for
 * crashes and read with bounded memory. Called by importers, the replayer, reports and live
 * sessions.
 */
package io.unfreed.collector.capture;
