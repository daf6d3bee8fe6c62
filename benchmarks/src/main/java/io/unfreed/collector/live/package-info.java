/** Recorders that record nothing: the lanes and the sink of real ones. */
package io.unfreed.collector.live;
