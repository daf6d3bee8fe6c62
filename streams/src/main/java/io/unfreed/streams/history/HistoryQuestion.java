package io.unfreed.streams.history;

import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.window.Window;

/**
 * Which blocks are told one by one.
 *
 * @param born when they were allocated
 * @param sizes sizes they were allocated with
 */
public record HistoryQuestion(Window born, SizeRange sizes) {}
