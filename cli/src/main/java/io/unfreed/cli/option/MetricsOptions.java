package io.unfreed.cli.option;

import com.sun.management.OperatingSystemMXBean;
import io.unfreed.collector.live.RecorderNumbers;
import io.unfreed.query.UsageException;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.Handler;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.Problem;
import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import io.unfreed.server.http.WebServer;
import io.unfreed.server.metrics.Metrics;
import io.unfreed.server.metrics.RecorderMetrics;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Where a recorder tells how it does, and to whom. */
public final class MetricsOptions {
  private static final String METRICS = "/metrics";
  private static final double SECOND = 1e9;

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description =
          "Serve the recorder's metrics there, for Prometheus; any address but loopback needs"
              + " --token-file.")
  private String address;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "With --metrics: who asks must know the token in FILE (default: a new one).")
  private Path tokenFile;

  /**
   * Refuses what cannot be, before anything is recorded.
   *
   * @param isCommand a command is started, beside which nobody can be told a new token
   */
  public void check(boolean isCommand) {
    if (address == null) {
      if (tokenFile != null) {
        throw new UsageException("--token-file goes with --metrics");
      }
      return;
    }
    boolean isLoopback = HttpAddress.of("--metrics", address).isLoopback();
    if (tokenFile == null && (isCommand || !isLoopback)) {
      throw new UsageException(
          "--metrics "
              + address
              + (isLoopback
                  ? ": beside a command no token can be told: give --token-file FILE"
                  : ": other hosts can reach it: give --token-file FILE"));
    }
    access();
  }

  private AccessRule access() {
    return tokenFile == null ? AccessRule.ofNewToken() : AccessRule.ofFile(tokenFile, List.of());
  }

  /** Begins to serve; null when that was not asked for. */
  public WebServer serve(Supplier<RecorderNumbers> recording, LongSupplier spooledBytes) {
    if (address == null) {
      return null;
    }
    RecorderMetrics metrics =
        new RecorderMetrics(recording, spooledBytes, MetricsOptions::cpuSeconds);
    WebServer server =
        WebServer.start(HttpAddress.of("--metrics", address), access(), new OnlyMetrics(metrics));
    if (tokenFile == null) {
      System.err.println("unfreed: metrics at " + server.url() + "metrics?token=" + server.token());
    }
    return server;
  }

  private static double cpuSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / SECOND;
  }

  private record OnlyMetrics(RecorderMetrics metrics) implements Handler {
    @Override
    public Reply answer(Request request) {
      if (!request.path().equals(METRICS)) {
        throw Problem.notFound(request.path() + ": nothing here but " + METRICS);
      }
      request.allow(Set.of());
      return new Reply(Metrics.TYPE, metrics::write);
    }

    @Override
    public boolean isPublic(String path) {
      return false;
    }

    @Override
    public boolean isStream(String path) {
      return false;
    }
  }
}
