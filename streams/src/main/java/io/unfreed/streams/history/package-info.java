/**
 * Blocks one by one, as they came and went: what formats need that hold events and not sums. Kept
 * in a few bytes per event.
 */
package io.unfreed.streams.history;
