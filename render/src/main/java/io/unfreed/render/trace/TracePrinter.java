package io.unfreed.render.trace;

/** Prints what was traced up to a moment. */
public interface TracePrinter {
  void print(TraceReport report);
}
