package io.unfreed.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What the launcher runs once behind a build, so that the JVM remembers which classes and methods
 * are needed (JEP 514, 515): the demo, a recording by the library, a report of it and its page.
 */
public final class Rehearsal {
  /** Rehearses what needs no Kafka, and nothing else. */
  private static final String FILES = "files";

  /** Bash uses the C library's allocator, and makes a few hundred thousand calls of it here. */
  private static final String ALLOCATES =
      "for i in {1..4000}; do a[i]=$i$i; b=${a[i]%1}; done; unset a; : {1..20000}";

  /** Other tools' traces, where they are at hand. */
  private static final List<String> TRACES = List.of("cc1.raw.zst", "jq.mtrace.zst");

  /** Between the address of the page and its token. */
  private static final String TOKEN = "/#token=";

  /** Ten seconds. */
  private static final int PATIENCE = 1000;

  private static final long PAUSE_NANOS = 10_000_000L;

  private Rehearsal() {}

  /**
   * Ends with the demo's exit code: where nothing can be recorded, the rest is worth it still.
   * Without the demo, with that of the recording.
   */
  public static void main(String[] args) throws IOException {
    boolean isWhole = !List.of(args).contains(FILES);
    int demo = isWhole ? Main.run("demo") : ExitCodes.OK;
    int recorded = recordAndAsk();
    if (!isWhole) {
      askOthers();
    }
    int code = isWhole ? demo : recorded;
    if (code != ExitCodes.OK) {
      Runtime.getRuntime().halt(code); // else the page's server, which ends well, had the last word
    }
    System.exit(code);
  }

  private static int recordAndAsk() throws IOException {
    Path directory = Files.createTempDirectory("unfreed-rehearsal-");
    Path file = directory.resolve("recording.unfreed");
    Path page = directory.resolve("page.html");
    try {
      int recorded =
          Main.run(
              "record", "--probe", "shim", "-o", file.toString(), "--", "bash", "-c", ALLOCATES);
      if (recorded == ExitCodes.OK) {
        Main.run("report", file.toString(), "--top", "3");
        Main.run("export", file.toString(), "--as", "html", "-o", page.toString());
        view(file);
      }
      return recorded;
    } finally {
      Files.deleteIfExists(page);
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
    }
  }

  private static void askOthers() {
    Path recorded = Path.of(System.getProperty("unfreed.home", ""), "replay-data");
    for (String trace : TRACES) {
      Path file = recorded.resolve(trace);
      if (Files.exists(file)) {
        Main.run("report", file.toString());
        Main.run("check", file.toString());
      }
    }
  }

  /** Asks what the page asks first; the server ends with this process. */
  private static void view(Path file) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    Thread.ofPlatform().daemon().start(() -> Main.run("view", file.toString()));
    try {
      String address = address(said);
      String base = address.substring(0, address.indexOf(TOKEN));
      String token = address.substring(base.length() + TOKEN.length());
      for (String question :
          List.of("sessions", "timeline", "report?top=40", "timeline?group-by=stack", "stacks")) {
        HttpURLConnection asking =
            (HttpURLConnection) URI.create(base + "/api/v1/" + question).toURL().openConnection();
        asking.setRequestProperty("Authorization", "Bearer " + token);
        try (InputStream answer = asking.getInputStream()) {
          answer.readAllBytes();
        }
      }
    } catch (IOException e) {
      // What is remembered is worth it without this.
    } finally {
      System.setOut(out);
    }
  }

  private static String address(ByteArrayOutputStream said) throws IOException {
    for (int i = 0; i < PATIENCE; i++) {
      String line = said.toString(StandardCharsets.UTF_8);
      if (line.endsWith(System.lineSeparator()) && line.contains(TOKEN)) {
        return line.strip();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new IOException("no page was served");
  }
}
