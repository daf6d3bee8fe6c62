/**
 * Lanes: from event batches to statements. Sequence numbers, gaps, ticks and moments; the ledger
 * does the rest. Pure but for the wire codec. Called by the topology and by queries.
 */
package io.unfreed.streams.lane;
