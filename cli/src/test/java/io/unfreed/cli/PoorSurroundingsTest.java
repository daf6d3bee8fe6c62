package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is around a command fails: permissions, disks. Exit code 1 and one clear line. */
class PoorSurroundingsTest {
  private static final Path CAPTURE = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture");

  /** Without root's right to read and write everything; the owner's rights are left. */
  private static final List<String> UNPRIVILEGED =
      isRoot() ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search") : List.of();

  @TempDir Path directory;

  @Test
  void shouldFailInOneLineWhenPermissionIsMissing() throws Exception {
    Path secret = Files.copy(CAPTURE, directory.resolve("secret"));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    String trace = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.raw.zst").toString();
    String out = closed.resolve("out").toString();
    String data = closed.resolve("data").toString();

    fails(UNPRIVILEGED, secret + ": cannot be read: permission denied", "report", "" + secret);
    fails(UNPRIVILEGED, out + ": cannot create", "import", "heaptrack", trace, "-o", out);
    fails(UNPRIVILEGED, "permission denied", "replay", "" + CAPTURE, "--data-dir", data);
    assertThat(closed).isEmptyDirectory();
  }

  @Test
  void shouldFailInOneLineWhenStdoutIsFull() throws Exception {
    ProcessRun run =
        ProcessRun.of(
            directory, Path.of("/dev/full"), List.of(), "report", CAPTURE.toString(), "--top", "1");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("unfreed: stdout: cannot be written: No space left on device\n");
  }

  @Test
  void shouldKeepNothingWhenTheDiskFillsUpDuringAnImport() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    String trace = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.raw.zst").toString();
    String out = disk.resolve("out").toString();

    fails(
        onDisk(disk, "16k", "\"$@\"; code=$?; ls -A " + disk + " >&2; exit $code"),
        "No space left on device; " + out + " is not written",
        "import",
        "heaptrack",
        trace,
        "-o",
        out);
  }

  @Test
  @Tag("broker")
  void shouldFailInOneLineWhenTheDiskOfTheBrokerFillsUp() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));

    fails(
        onFillingDisk(disk, "\"$@\""),
        "o space left on",
        "replay",
        CAPTURE.toString(),
        "--data-dir",
        disk.resolve("data").toString());
  }

  @Test
  @Tag("broker")
  void shouldFailInOneLineWhenTheTemporaryDirectoryFillsUp() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    String onDisk = "java=$1; shift; \"$java\" -Djava.io.tmpdir=" + disk + " \"$@\"";

    fails(onFillingDisk(disk, onDisk), "o space left on", "replay", CAPTURE.toString());
  }

  /** A disk that somebody else fills as soon as a broker has begun to write to it. */
  private static List<String> onFillingDisk(Path disk, String run) {
    String filler =
        "(until ls %s/*/kafka/unfreed.events-0; do sleep 0.1; done; head -c 64m /dev/zero >%s/fill) >%s 2>&1 & "
            .formatted(disk, disk, "/dev/null");
    return onDisk(disk, "40m", filler + run + "; code=$?; kill $! 2>/dev/null; exit $code");
  }

  /** A small disk that only the command sees. */
  private static List<String> onDisk(Path disk, String size, String script) {
    assumeTrue(isRoot(), "mounting needs root");
    String mount = "mount -t tmpfs -o size=" + size + " none " + disk + " || exit 99; ";
    return List.of("unshare", "--mount", "sh", "-c", mount + script, "sh");
  }

  private void fails(List<String> inside, String words, String... arguments)
      throws IOException, InterruptedException {
    Path out = directory.resolve("stdout");
    ProcessRun run = ProcessRun.of(directory, out, inside, arguments);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err().lines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("unfreed: ").contains(words).doesNotContain("\tat ");
    assertThat(out).isEmptyFile();
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }
}
