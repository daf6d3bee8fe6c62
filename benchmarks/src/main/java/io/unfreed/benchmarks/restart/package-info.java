/** The service killed and started again: how soon it is back. Run by benchmarks/restart/run. */
package io.unfreed.benchmarks.restart;
