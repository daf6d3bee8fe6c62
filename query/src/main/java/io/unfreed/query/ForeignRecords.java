package io.unfreed.query;

import io.unfreed.schemas.text.Printable;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Records that a command passed over: no such records, of a version that cannot be read, or under a
 * key that is not theirs. Counted by topic; each topic is told in one line, with the first.
 */
public final class ForeignRecords {
  private static final class Count {
    private final String first;
    private long more;

    Count(String first) {
      this.first = first;
    }
  }

  private final Map<String, Count> topics = new TreeMap<>();

  void add(ConsumerRecord<?, ?> record, Exception why) {
    Count known = topics.get(record.topic());
    if (known == null) {
      String first = TopicReader.place(record) + ": " + why.getMessage();
      topics.put(record.topic(), new Count(first));
    } else {
      known.more++;
    }
  }

  /** Gives a line for each topic in which some were met, and forgets them. */
  public void tell(Consumer<String> line) {
    topics.forEach((topic, count) ->
        line.accept(
            Printable.of(count.first)
                + "; skipped"
                + (count.more == 0 ? "" : ", and " + count.more + " more of " + topic)));
    topics.clear();
  }

  /** The same to standard error. */
  public void tell() {
    tell(line -> System.err.println("unfreed: " + line));
  }
}
