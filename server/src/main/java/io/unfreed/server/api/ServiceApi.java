package io.unfreed.server.api;

import io.unfreed.server.answer.Readings;
import io.unfreed.server.http.Problem;
import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import io.unfreed.server.metrics.Metrics;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;

/** The API and the page over a service, its metrics, and what its instances ask each other. */
public final class ServiceApi extends Api {
  /** Where an instance tells another one what its tasks know of a {@code session}. */
  public static final String SHARES = "/internal/shares";

  private static final String METRICS = "/metrics";

  /** The instance that this serves. */
  public interface Instance {
    /** Whether it has started. */
    boolean isReady();

    /** Writes what its tasks know of a session, in a form of its own. */
    void writeShares(String session, OutputStream out) throws IOException;
  }

  private final Metrics metrics;
  private final Instance instance;

  /** Answers from these. */
  public ServiceApi(Readings readings, Metrics metrics, Instance instance) {
    super(readings);
    this.metrics = metrics;
    this.instance = instance;
  }

  @Override
  public boolean isOfPeers(String path) {
    return path.equals(SHARES);
  }

  @Override
  protected boolean isReady() {
    return instance.isReady();
  }

  @Override
  protected Reply other(Request request) {
    return switch (request.path()) {
      case METRICS -> {
        request.allow(Set.of());
        yield new Reply(Metrics.TYPE, metrics::write);
      }
      case SHARES -> {
        request.allow(Set.of("session"));
        String session = request.get("session");
        if (session == null) {
          throw Problem.badRequest("session: whose shares?");
        }
        yield new Reply(Reply.BYTES, out -> instance.writeShares(session, out));
      }
      default -> super.other(request);
    };
  }
}
