package io.unfreed.streams.topology;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The store of the report stage, for processors that are driven without a topology. */
final class ReportStores {
  private ReportStores() {}

  static KeyValueStore<String, byte[]> inMemory() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(Nodes.REPORT_STORE), Serdes.String(), Serdes.ByteArray())
        .withLoggingDisabled()
        .withCachingDisabled()
        .build();
  }
}
