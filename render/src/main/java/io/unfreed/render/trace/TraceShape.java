package io.unfreed.render.trace;

/**
 * How much is told.
 *
 * @param top rows, 0 for all; null for what is usual: 10, of locks 20
 */
public record TraceShape(Integer top) {
  private static final int USUAL = 10;
  private static final int LOCKS = 20;

  int rows(String tracer) {
    return top != null ? top : tracer.equals(TraceRows.LOCKS) ? LOCKS : USUAL;
  }

  int limit(String tracer) {
    return rows(tracer) == 0 ? Integer.MAX_VALUE : rows(tracer);
  }
}
