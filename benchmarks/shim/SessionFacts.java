import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a capture says of its recording, as one line of JSON: the counters of its end, and the events
 * lost at least SECONDS after its start. Run from source: java -cp 'LIBRARIES' SessionFacts.java
 * CAPTURE [SECONDS].
 */
public final class SessionFacts {
  private SessionFacts() {}

  public static void main(String[] arguments) throws Exception {
    long warmNanos =
        arguments.length > 1 ? Math.round(Double.parseDouble(arguments[1]) * 1e9) : Long.MAX_VALUE;
    Map<String, Long> facts = new TreeMap<>();
    try (CaptureReader in = CaptureReader.open(Path.of(arguments[0]))) {
      EventCursor cursor = new EventCursor();
      for (CaptureReader.Kind kind = in.next();
          kind != CaptureReader.Kind.END;
          kind = in.next()) {
        switch (kind) {
          case SESSION -> end(in.session().getEnd(), facts);
          case BATCH -> {
            facts.merge("batches", 1L, Long::sum);
            if (warmNanos != Long.MAX_VALUE) {
              cursor.reset(in.bytes(), in.offset(), in.length());
              lost(cursor, warmNanos, facts);
            }
          }
          case STACK -> facts.merge("stacks", 1L, Long::sum);
          case TRACE, END -> {}
        }
      }
    }
    StringBuilder json = new StringBuilder("{");
    facts.forEach(
        (name, value) ->
            json.append(json.length() > 1 ? ", " : "")
                .append('"').append(name).append("\": ").append(value));
    System.out.println(json.append('}'));
  }

  private static void end(SessionEnd end, Map<String, Long> facts) {
    if (end != null) {
      facts.put("produced", end.getProduced());
      facts.put("received", end.getReceived());
      facts.put("lost", end.getLost());
      facts.putAll(end.getLosses());
    }
  }

  private static void lost(EventCursor cursor, long warmNanos, Map<String, Long> facts) {
    while (cursor.next()) {
      if (cursor.code() == EventCodes.LOST && cursor.value(1) >= warmNanos) {
        facts.merge("lostWarm", cursor.value(0), Long::sum);
      }
    }
  }
}
