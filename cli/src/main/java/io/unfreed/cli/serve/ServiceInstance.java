package io.unfreed.cli.serve;

import io.unfreed.query.ServiceState;
import io.unfreed.server.api.ServiceApi;
import io.unfreed.streams.topology.StreamsService;
import io.unfreed.streams.topology.TaskShare;
import io.unfreed.streams.topology.TaskShares;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The instance of the service that runs in this process, once it does: it is told its address, so
 * the server that asks it is there before it. Thread-safe.
 */
public final class ServiceInstance implements ServiceState.Instance, ServiceApi.Instance {
  private volatile StreamsService service;

  /** It has started. */
  public void is(StreamsService started) {
    service = started;
  }

  @Override
  public boolean isReady() {
    return service != null;
  }

  Map<String, Double> numbers() {
    StreamsService now = service;
    return now == null ? Map.of() : now.numbers();
  }

  @Override
  public Map<Integer, Long> reached() {
    StreamsService now = service;
    return now == null ? Map.of() : now.reached();
  }

  @Override
  public List<TaskShare> shares(String session) {
    StreamsService now = service;
    return now == null ? List.of() : now.shares(session);
  }

  @Override
  public void writeShares(String session, OutputStream out) throws IOException {
    TaskShares.write(shares(session), out);
  }

  @Override
  public Set<String> others() {
    StreamsService now = service;
    return now == null ? Set.of() : now.others();
  }
}
