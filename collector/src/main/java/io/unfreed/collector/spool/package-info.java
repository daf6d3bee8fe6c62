/**
 * Live recordings to Kafka through times without a broker: a bounded queue in memory and on disk
 * before the producer. Called by commands that record live.
 */
package io.unfreed.collector.spool;
