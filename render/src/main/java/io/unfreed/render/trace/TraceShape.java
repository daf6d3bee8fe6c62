package io.unfreed.render.trace;

/**
 * How much is told.
 *
 * @param top rows; 0 for all
 * @param warnNanos requests to a device whose p95 is above get a line
 */
public record TraceShape(int top, long warnNanos) {
  int limit() {
    return top == 0 ? Integer.MAX_VALUE : top;
  }
}
