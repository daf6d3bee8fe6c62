/**
 * Queries: the same ledger straight over event batches, with filters and moments, and readers of
 * what the topology published. Called by commands.
 */
package io.unfreed.streams.query;
