/** What processes cost in which nothing happens. Run by benchmarks/silence/run. */
package io.unfreed.benchmarks.silence;
