package io.unfreed.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.StackBook;
import io.unfreed.query.Suppressions;
import io.unfreed.schemas.Session;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * What suppressions hide of a report.
 *
 * @param isAsked whether there are any
 * @param stacks those that hold something
 * @param temporary those that do not
 */
public record Hidden(
    boolean isAsked, Set<StackKey> stacks, Set<StackKey> temporary, long bytes, long count) {

  /** By the user's lines and those that came with the recording. */
  public static Hidden of(
      Session session, IncarnationReport report, StackBook book, Suppressions suppressions) {
    Suppressions all = suppressions.with(session.getSuppressions());
    Set<StackKey> stacks = new HashSet<>();
    long bytes = 0;
    long count = 0;
    for (StackNumbers stack : report.stacks()) {
      if (!all.isEmpty() && all.matches(book.frames(stack.key().stackId()))) {
        stacks.add(stack.key());
        bytes += stack.outstandingBytes();
        count += stack.outstandingCount();
      }
    }
    Set<StackKey> temporary = new HashSet<>();
    for (StackNumbers stack : report.temporary()) {
      if (!all.isEmpty() && all.matches(book.frames(stack.key().stackId()))) {
        temporary.add(stack.key());
      }
    }
    return new Hidden(!all.isEmpty(), stacks, temporary, bytes, count);
  }

  /** Whether a stack is shown. */
  public boolean shows(StackNumbers stack) {
    return !stacks.contains(stack.key()) && !temporary.contains(stack.key());
  }

  String line() {
    return "    suppressed: %d bytes in %d allocations from %d stacks"
        .formatted(bytes, count, stacks.size());
  }

  void write(JsonGenerator json) throws IOException {
    if (isAsked) {
      json.writeObjectFieldStart("suppressed");
      json.writeNumberField("outstandingBytes", bytes);
      json.writeNumberField("outstandingCount", count);
      json.writeNumberField("stacks", stacks.size());
      json.writeEndObject();
    }
  }
}
