/** Layouts of the block table beside the one in use, and their JMH; in its package to see it. */
package io.unfreed.streams.ledger;
