/**
 * Recordings of other tools (heaptrack, glibc mtrace) as sessions, stacks and event batches; our
 * own captures behind the same door. Called by the commands; docs/formats.md says how each format
 * maps.
 */
package io.unfreed.collector.importer;
