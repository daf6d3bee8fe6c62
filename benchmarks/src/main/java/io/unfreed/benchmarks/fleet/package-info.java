/**
 * A fleet of recorders against instances of the service: events/s, memory, lag, recovery, cost per
 * recorder. Run by benchmarks/fleet/run.
 */
package io.unfreed.benchmarks.fleet;
