package io.unfreed.streams.trace;

import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import java.util.Locale;

/**
 * What tells a trace's rows apart.
 *
 * @param tgid the process, as the kernel numbers it
 * @param subject what {@link TraceRow} says
 * @param detail what {@link TraceRow} says
 */
public record TraceKey(int tgid, TraceKind kind, long subject, long detail) {
  /** A row's. */
  public static TraceKey of(TraceRow row) {
    return new TraceKey(row.getTgid(), row.getKind(), row.getSubject(), row.getDetail());
  }

  /** As requests and answers have it: {@code 4711.call.1.0}, the last two in hex. */
  @Override
  public String toString() {
    return "%d.%s.%x.%x".formatted(tgid, kind.name().toLowerCase(Locale.ROOT), subject, detail);
  }
}
