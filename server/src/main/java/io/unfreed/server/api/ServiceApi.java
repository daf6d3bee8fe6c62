package io.unfreed.server.api;

import io.unfreed.server.answer.Readings;
import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import io.unfreed.server.metrics.Metrics;
import java.util.Set;

/** The API and the page over a service, and its metrics. */
public final class ServiceApi extends Api {
  private static final String METRICS = "/metrics";

  private final Metrics metrics;

  /** Answers from these. */
  public ServiceApi(Readings readings, Metrics metrics) {
    super(readings);
    this.metrics = metrics;
  }

  @Override
  protected Reply other(Request request) {
    if (!request.path().equals(METRICS)) {
      return super.other(request);
    }
    request.allow(Set.of());
    return new Reply(Metrics.TYPE, metrics::write);
  }
}
