/**
 * Reports: lanes' statements merged per incarnation, with the verdict on growth. Pure; the topology
 * and the queries run the same code, so that all paths print the same numbers.
 */
package io.unfreed.streams.report;
