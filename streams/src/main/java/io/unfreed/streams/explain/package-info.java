/**
 * What is known of some stacks' blocks beside their counts: how long they live, since when they
 * stay, who allocates and frees them, and how often. Pure; called by queries.
 */
package io.unfreed.streams.explain;
