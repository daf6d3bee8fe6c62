package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.schemas.topic.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input, as a user meets it: exit code, one clear line, nothing lost silently. */
class BadInputTest {
  private static final Path PERL = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.raw.zst");
  private static final Path CAPTURE = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture");

  @TempDir Path directory;

  @Test
  void shouldFailInOneLineWhenTheFileIsMissing() {
    failsWith(1, "no such file", "report", directory.resolve("none").toString());
  }

  @Test
  void shouldFailInOneLineWhenTheFileIsEmpty() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    failsWith(1, "empty", "report", empty.toString());
  }

  @Test
  void shouldFailInOneLineWhenTheFormatIsUnknown() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "hello\nworld\n");
    failsWith(1, "text", "report", text.toString());
  }

  @Test
  void shouldFailInOneLineWhenTheFileIsADirectory() {
    failsWith(1, "directory", "report", directory.toString());
  }

  @Test
  void shouldReportWhatIsWholeWhenTheCaptureIsCut() throws IOException {
    byte[] bytes = Files.readAllBytes(RecordingManifest.REPLAY_DATA.resolve("stealth.capture"));
    Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(bytes, bytes.length - 100));

    CommandRun run = CommandRun.of("report", cut.toString(), "--format", "json");

    assertThat(run.errLines()).hasSize(1);
    assertThat(run.err()).contains(cut.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1);
  }

  @Test
  void shouldNotOverwriteWhenForceIsMissing() throws IOException {
    Path out = Files.writeString(directory.resolve("out"), "precious");

    failsWith(1, "--force", "import", "heaptrack", PERL.toString(), "-o", out.toString());
    assertThat(out).hasContent("precious");
    assertThat(
            CommandRun.of("import", "heaptrack", PERL.toString(), "-o", out.toString(), "--force")
                .exitCode())
        .isZero();
  }

  @Test
  void shouldFailInOneLineWhenTheDiskIsFull() {
    failsWith(1, "/dev/full", "import", "heaptrack", PERL.toString(), "-o", "/dev/full", "--force");
  }

  @Test
  void shouldRefuseWhenTheToolIsAnother() {
    failsWith(2, "heaptrack", "import", "mtrace", PERL.toString(), "-o", "x");
  }

  @Test
  void shouldRefuseWhenMtraceIsAskedForMoments() {
    Path log = RecordingManifest.REPLAY_DATA.resolve("jq.mtrace.zst");
    failsWith(2, "records no times", "report", log.toString(), "--at", "+1s");
    failsWith(2, "records no times", "report", log.toString(), "--older", "1s");
    failsWith(2, "records no times", "report", log.toString(), "--interval", "1s");
  }

  @Test
  void shouldRefuseWhenNoProcessHasThePid() throws IOException {
    Path file = directory.resolve("processes");
    new ProcessesRecording("processes").process(100, "tool", 1, 9, 8).write(file);

    failsWith(2, "--pid 7: no such process", "report", CAPTURE.toString(), "--pid", "7");
    failsWith(2, "--pid 7", "report", PERL.toString(), "--pid", "7", "--format", "json");
    CommandRun found = CommandRun.of("report", PERL.toString(), file.toString(), "--pid", "100");
    assertThat(found.exitCode()).as(found.err()).isZero();
    assertThat(found.out()).contains("process 100: tool");
  }

  @Test
  void shouldAnswerAsOfTheEndWhenTheMomentIsBeyondWhatNanosecondsCount() throws IOException {
    Path file = directory.resolve("lanes");
    LaneRecording.write(file, "lanes", 1, LaneRecording.Ends.ONE_OPEN);
    String whole = CommandRun.of("report", file.toString(), "--at", "2200-01-01T00:00:00Z").out();

    for (String moment : new String[] {"2300-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
      CommandRun run = CommandRun.of("report", file.toString(), "--at", moment);
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).isEqualTo(whole).isNotEmpty();
    }
    failsWith(2, "that early", "report", file.toString(), "--at", "1600-01-01T00:00:00Z");
  }

  @Test
  void shouldAnswerAboutAgesWhenOnlyAnotherSessionIsWithoutTimes() throws IOException {
    Path file = directory.resolve("processes");
    new ProcessesRecording("asked").process(100, "tool", 1, 9, 8).write(file);
    String log = RecordingManifest.REPLAY_DATA.resolve("jq.mtrace.zst").toString();

    CommandRun run =
        CommandRun.of("report", file.toString(), log, "--session", "as", "--older", "1ns");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("process 100: tool").contains("8 bytes in 1 allocations");
    failsWith(2, "no such session", "report", log, "--session", "as", "--older", "1ns");
    failsWith(2, "records no times", "report", PERL.toString(), log, "--older", "1ns");
  }

  @Test
  void shouldRefuseWhenOptionsMakeNoSense() {
    failsWith(2, "--min-size", "report", PERL.toString(), "--min-size", "9", "--max-size", "8");
    failsWith(2, "RFC 3339", "report", PERL.toString(), "--at", "yesterday");
    failsWith(2, "duration", "report", PERL.toString(), "--older", "5");
    failsWith(2, "--nonsense", "report", PERL.toString(), "--nonsense");
    failsWith(2, "--sort", "diff", PERL.toString(), "--at", "..", "--sort", "count");
    failsWith(2, "report what", "report");
    failsWith(2, "no wall-clock", "report", PERL.toString(), "--at", "2026-01-01T00:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        ":9092",
        "a b:1",
        "host:0",
        "host:99999",
        "host:99999999999",
        "a:1,"
      })
  void shouldRefuseServersThatAreNoAddresses(String servers) {
    failsWith(2, "is no HOST:PORT", "sessions", "--bootstrap-servers", servers);
  }

  @Test
  @Tag("broker")
  void shouldFailInOneLineWhenNoBrokerAnswers() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    String servers = "127.0.0.1:" + port;
    failsWith(1, servers, "replay", PERL.toString(), "--bootstrap-servers", servers);
    failsWith(1, "no answer in time", "sessions", "--bootstrap-servers", servers);
  }

  @Test
  @Tag("broker")
  void shouldFailInOneLineWhenThePortIsSomebodyElses() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String servers = "127.0.0.1:" + silent.getLocalPort();
      String silence = servers + ": cannot create the topics: no answer in time";
      failsWith(1, silence, "replay", PERL.toString(), "--bootstrap-servers", servers);
    }
  }

  @Test
  @Tag("broker")
  void shouldFailInOneLineWhenTheClientPropertiesAreWrong() throws IOException {
    String none = directory.resolve("none").toString();
    clientPropertiesFail("no such file", none);
    for (String wrong :
        new String[] {
          "security.protocol=NONSENSE",
          "request.timeout.ms=soon",
          "sasl.mechanism=PLAIN\nsecurity.protocol=SASL_PLAINTEXT",
          "security.protocol=SSL\nssl.truststore.location=" + none,
          "a=\\uXXXX"
        }) {
      Path file = Files.writeString(directory.resolve("wrong.properties"), wrong);
      clientPropertiesFail("", file.toString());
    }
  }

  private static void clientPropertiesFail(String word, String file) {
    String[] brokers = {"--bootstrap-servers", "127.0.0.1:1", "--command-config", file};
    failsWith(1, word, "sessions", brokers[0], brokers[1], brokers[2], brokers[3]);
    failsWith(1, word, "replay", "" + PERL, brokers[0], brokers[1], brokers[2], brokers[3]);
    failsWith(1, word, "streams", brokers[0], brokers[1], brokers[2], brokers[3]);
  }

  @Test
  void shouldFailWhenNotOneBlockIsWhole() throws IOException {
    byte[] bytes = Files.readAllBytes(CAPTURE);
    Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(bytes, bytes.length / 2));

    failsWith(1, "in 0 whole blocks", "report", cut.toString());
  }

  @Test
  @Tag("broker")
  void shouldGoOnWhenTopicsHoldForeignRecords() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(
              access.client(), new ByteArraySerializer(), new ByteArraySerializer())) {
        for (String topic :
            new String[] {
              "unfreed.events",
              "unfreed.sessions",
              "unfreed.stacks",
              "unfreed.reports",
              "unfreed.statements"
            }) {
          producer.send(new ProducerRecord<>(topic, "x".getBytes(), "not ours".getBytes())).get();
        }
        producer.send(new ProducerRecord<>("unfreed.events", null, new byte[0])).get();
      }
      CommandRun run = CommandRun.of(access.with("replay", PERL.toString(), "--format", "json"));
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(RecordingManifest.json(run.out()).at("/totals/outstandingBytes").asLong())
          .isEqualTo(1470751);
      // A replay ends when its own session is reported; other partitions are read by the next one.
      for (int more = 0; more < 5 && deadLetters(access) < 3; more++) {
        CommandRun.of(access.with("replay", PERL.toString()));
      }
      assertThat(deadLetters(access)).isEqualTo(3);
    }
  }

  private static long deadLetters(BrokerAccess access) {
    return PublishedValues.count(access, Topics.DEAD_LETTERS);
  }

  private static void failsWith(int exitCode, String word, String... args) {
    CommandRun run = CommandRun.of(args);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.errLines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("unfreed: ").contains(word).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void shouldMakeNoDataDirectoryForWhoOnlyReads() {
    String typo = directory.resolve("typo").toString();
    for (String line :
        List.of(
            "report",
            "check",
            "explain",
            "sessions",
            "diff x --at +1s..+2s",
            "export --as folded -o " + directory.resolve("out"))) {
      List<String> arguments = new ArrayList<>(List.of(line.split(" ", -1)));
      arguments.addAll(List.of("--data-dir", typo));
      CommandRun run = CommandRun.of(arguments.toArray(String[]::new));

      assertThat(run.exitCode()).as(line).isEqualTo(ExitCodes.USAGE);
      assertThat(run.err())
          .as(line)
          .isEqualTo("unfreed: --data-dir " + typo + ": there is no such directory\n");
      assertThat(directory).as(line).isEmptyDirectory();
    }
  }
}
