package io.unfreed.streams.topology;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Headers of the records that the topology writes. */
public final class ReportHeaders {
  /** On a report: token of the marker that asked for it. */
  public static final String MARKER = "unfreed-marker";

  /** On a dead letter: why it could not be decoded. */
  public static final String REASON = "unfreed-reason";

  /** On a dead letter: topic-partition@offset. */
  public static final String ORIGIN = "unfreed-origin";

  /**
   * On a dead letter that is cut: bytes of the key and of the value as received, "K+V"; "K+V+H"
   * when its headers, H bytes, were left out.
   */
  public static final String CUT = "unfreed-cut";

  /** Of a report whose stacks are those of an earlier one: the tick of that one, in decimal. */
  public static final String SAME_AS_TICK = "unfreed-same-as-tick";

  /** Of a tick, stated or published: the first of those before it that passed as it did. */
  public static final String QUIET_SINCE = "unfreed-quiet-since";

  private ReportHeaders() {}

  /** The tick whose report has the stacks of a report; null when it has them itself. */
  public static Long sameAsTick(Headers headers) {
    return number(headers, SAME_AS_TICK);
  }

  /** The first of the ticks up to this one in which nothing changed; null when it is alone. */
  public static Long quietSince(Headers headers) {
    return number(headers, QUIET_SINCE);
  }

  static void add(Headers headers, String name, long number) {
    headers.add(name, Long.toString(number).getBytes(StandardCharsets.UTF_8));
  }

  private static Long number(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    try {
      return header == null ? null : Long.valueOf(text(header));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String text(Header header) {
    return header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }
}
