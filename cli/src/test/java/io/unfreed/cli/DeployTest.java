package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.live.RecorderNumbers;
import io.unfreed.server.metrics.RecorderMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in {@code deploy/} fits what is served. */
class DeployTest {
  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final Pattern METRIC = Pattern.compile("\\bunfreed_[a-z_]+");
  private static final String TOKEN = "a-token-of-tests-only";

  @TempDir Path directory;

  @Test
  void shouldFindNothingWrongWithRulesAndScrapes() throws Exception {
    assertThat(promtool("check", "rules", "alerts.yml")).contains("SUCCESS");
    assertThat(promtool("check", "config", "--syntax-only", "prometheus.yml")).contains("SUCCESS");
  }

  @Test
  void shouldAlertWhenThereIsReasonTo() throws Exception {
    assertThat(promtool("test", "rules", "alerts.test.yml")).contains("SUCCESS");
  }

  @Test
  void shouldAskPrometheusWhatItUnderstands() throws Exception {
    List<String> rules = new ArrayList<>(List.of("groups:", "  - name: dashboard", "    rules:"));
    int number = 0;
    for (String expression : expressions()) {
      rules.add("      - record: panel:" + number++ + ":expr");
      rules.add("        expr: |-");
      rules.add("          " + expression.replace("$__rate_interval", "1m"));
    }
    Path file = Files.write(directory.resolve("dashboard.yml"), rules);

    assertThat(number).isGreaterThan(20);
    assertThat(promtool("check", "rules", file.toAbsolutePath().toString())).contains("SUCCESS");
  }

  @Test
  @Tag("broker")
  void shouldNameNoMetricThatIsNotServed() throws Exception {
    Set<String> named = new TreeSet<>();
    for (String expression : expressions()) {
      addMetrics(expression, named);
    }
    for (String file : List.of("alerts.yml", "grafana-dashboard.json")) {
      addMetrics(Files.readString(DEPLOY.resolve(file)), named);
    }
    Set<String> served = new TreeSet<>();
    addMetrics(recorder(), served);
    Path marked = directory.resolve("marked.unfreed");
    MarkedRecording.write(marked, "marked", "ab01", 100);
    Path leaky = directory.resolve("leaky");
    LeakyRecording.writeGoingOn(leaky);
    Path token = Files.writeString(directory.resolve("token"), TOKEN);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      int port = ServicePageTest.freePort();
      try (ServiceProcess service =
          new ServiceProcess(
              access,
              directory.resolve("state"),
              "--http",
              "127.0.0.1:" + port,
              "--token-file",
              token.toString())) {
        await()
            .atMost(Duration.ofMinutes(2))
            .ignoreExceptions()
            .until(() -> metrics(port).contains("unfreed_service_running 1.0"));
        CommandRun replay =
            CommandRun.of(
                access.with("replay", "--format", "json", marked.toString(), leaky.toString()));
        assertThat(replay.exitCode()).as(replay.err()).isZero();
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(() -> {
              Set<String> all = new TreeSet<>(served);
              addMetrics(metrics(port), all);
              assertThat(all).containsAll(named);
              checkLeaks(metrics(port));
            });
        service.terminate();
      }
    }
  }

  /** 100,000 bytes every 8 s, and the limit of 1 GiB. */
  private static void checkLeaks(String metrics) {
    assertThat(leaks(metrics, "bytes").getMax()).isEqualTo(74 * 100_000);
    assertThat(leaks(metrics, "bytes_per_second").getMax()).isBetween(12e3, 13e3);
    assertThat(leaks(metrics, "seconds_to_limit").getMin()).isBetween(60e3, 90e3);
    assertThat(leaks(metrics, "confidence").getMax()).isBetween(0.5, 1.0);
  }

  private static String metrics(int port) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .header("Authorization", "Bearer " + TOKEN)
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static DoubleSummaryStatistics leaks(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("unfreed_leak_" + name + "{command=\"leaky\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .summaryStatistics();
  }

  private static String recorder() throws IOException {
    RecorderNumbers numbers =
        new RecorderNumbers(
            1, 2, 0.5, 3, List.of(new RecorderNumbers.OfProcess(7, "/bin/marked", 1)), 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new RecorderMetrics(() -> numbers, () -> 4, () -> 0.25).write(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void addMetrics(String text, Set<String> metrics) {
    Matcher metric = METRIC.matcher(text);
    while (metric.find()) {
      metrics.add(metric.group());
    }
  }

  private static List<String> expressions() throws IOException {
    JsonNode dashboard =
        new ObjectMapper().readTree(DEPLOY.resolve("grafana-dashboard.json").toFile());
    return dashboard.get("panels").findValuesAsText("expr").stream()
        .map(expression -> expression.replace("$command", ".*"))
        .toList();
  }

  private static String promtool(String... arguments) throws IOException, InterruptedException {
    String reason = "tool: promtool is not installed (Debian's package prometheus has it)";
    if (!isThere("promtool")) {
      System.out.println("skipped: " + reason);
    }
    Assumptions.assumeTrue(isThere("promtool"), reason);
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(Arrays.asList(arguments));
    Process promtool =
        new ProcessBuilder(command).directory(DEPLOY.toFile()).redirectErrorStream(true).start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(promtool.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(promtool.exitValue()).as(said).isZero();
    return said;
  }

  private static boolean isThere(String program) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
  }
}
