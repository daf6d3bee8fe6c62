package io.unfreed.streams.topology;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.WriterSchemas;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Parts of statements whose last part has not come yet, so that a restart loses none. */
final class PartStore {
  private final KeyValueStore<String, byte[]> store;
  private final RecordCodec<LaneTick> laneTicks;

  PartStore(KeyValueStore<String, byte[]> store, WriterSchemas later) {
    this.store = store;
    laneTicks = RecordCodec.laneTicks(later);
  }

  List<LaneTick> load(String lane) {
    List<LaneTick> parts = new ArrayList<>();
    try {
      for (KeyValue<String, byte[]> entry : scan(lane)) {
        parts.add(laneTicks.decode(entry.value));
      }
    } catch (MalformedBatchException e) {
      throw new IllegalStateException("the report store is damaged: " + e.getMessage(), e);
    }
    return parts;
  }

  void save(String lane, LaneTick part) {
    store.put(lane + String.format("|%06d", part.getPart()), laneTicks.encode(part));
  }

  void drop(String lane) {
    for (KeyValue<String, byte[]> entry : scan(lane)) {
      store.delete(entry.key);
    }
  }

  private List<KeyValue<String, byte[]>> scan(String lane) {
    List<KeyValue<String, byte[]>> found = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> entries =
        store.prefixScan(lane + "|", new StringSerializer())) {
      entries.forEachRemaining(found::add);
    }
    return found;
  }
}
