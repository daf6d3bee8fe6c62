/**
 * How state is written down to be read again by another process: numbers of variable length in
 * compressed pieces, and what makes a whole of the pieces. Knows no ledger and no Kafka; the ledger
 * and the lanes write themselves with it, the topology keeps what they wrote.
 */
package io.unfreed.streams.snapshot;
