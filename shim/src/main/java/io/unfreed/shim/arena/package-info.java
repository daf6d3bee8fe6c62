/**
 * The memory that the collector shares with recorded processes: made and filled here, read here,
 * trusted nowhere. Mirrors {@code arena.h}. Called by {@code collector}.
 */
package io.unfreed.shim.arena;
