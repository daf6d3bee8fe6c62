/**
 * Makes what no recorder writes, from a seed: bytes, numbers, texts, records and whole sessions.
 * For the fuzzers of the topology here, and of files, importers and clients in the cli module.
 */
package io.unfreed.streams.fuzz;
