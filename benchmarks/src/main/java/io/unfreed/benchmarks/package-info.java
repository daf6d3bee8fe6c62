/** Measurements: stages on a recorded trace, and JMH for ledger and codec. Called by scripts. */
package io.unfreed.benchmarks;
