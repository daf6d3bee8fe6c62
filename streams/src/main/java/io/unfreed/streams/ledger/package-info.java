/**
 * The ledger: what every allocation and free does to the outstanding state (docs/contract.md,
 * section 1). Pure: no Kafka, no Avro, no clock, no I/O; arrays of primitives. Called by lanes
 * only, from one thread per ledger.
 */
package io.unfreed.streams.ledger;
