/**
 * Where answers come from, for whoever asks: a recording in files or topics read into ledgers of
 * this process, what the topology published, the sessions that are known. What cannot be answered
 * is a {@link io.unfreed.query.UsageException}, what failed a {@link
 * io.unfreed.query.FailedException}: one line each.
 */
package io.unfreed.query;
