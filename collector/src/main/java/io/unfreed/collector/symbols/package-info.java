/** Names for the frames of recordings that hold addresses only. Called by commands. */
package io.unfreed.collector.symbols;
