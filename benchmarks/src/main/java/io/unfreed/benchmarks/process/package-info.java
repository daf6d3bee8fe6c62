/** Processes that benchmarks start, measure and kill. */
package io.unfreed.benchmarks.process;
