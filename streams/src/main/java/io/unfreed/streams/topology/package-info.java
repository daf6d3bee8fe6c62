/**
 * The topology on Kafka Streams: thin processors over the pure classes. Knows no broker; called by
 * the streams service and by commands that run it in their own process.
 *
 * <pre>
 *   unfreed.events --> ledger-update (ledgers: read-only store, the topic is its changelog)
 *                  \-> match --> unfreed.statements --> report (reports: store) --> unfreed.reports
 *                          \--> unfreed.dead-letters                           \--> unfreed.outstanding
 *   unfreed.histograms --> window (windows: store) --> unfreed.windows
 * </pre>
 */
package io.unfreed.streams.topology;
