/**
 * Fuzzers of the command line: captures, traces of other tools, what is in Kafka, and random
 * recordings against the reference model. Seconds as tests, minutes by benchmarks/fuzz/run.
 */
package io.unfreed.cli.fuzz;
