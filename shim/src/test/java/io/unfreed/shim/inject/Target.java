package io.unfreed.shim.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.shim.CompiledC;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A process to inject into, and the library and arena of the tests. */
final class Target implements AutoCloseable {
  private static final long MAGIC = 0x756e6672656564L;

  /** Between us and the target: the JVM's own waiting for a child takes a tracer's stops. */
  private static final String SHELL =
      "sh -c 'echo $$; exec \"$@\"' sh \"$@\" & wait $!; echo status $?";

  private final Process shell;
  private final BufferedReader output;
  private final ProcessHandle process;

  private Target(Process shell) throws IOException {
    this.shell = shell;
    this.output = shell.inputReader();
    this.process = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
  }

  /** src/test/c/inject_target.c. */
  static Path program() {
    return CompiledC.compile("inject_target", List.of("inject_target.c"), "-pthread");
  }

  /** src/test/c/inject_locks.c. */
  static Path locks() {
    return CompiledC.compile("inject_locks", List.of("inject_locks.c"), "-rdynamic", "-pthread");
  }

  static byte[] library() throws IOException {
    return Files.readAllBytes(libraryFile());
  }

  static Path libraryFile() {
    return CompiledC.compile(
        "inject_library.so", List.of("inject_library.c"), "-shared", "-fPIC", "-mavx");
  }

  /** Begins it in a mode, below other commands if there are any, and waits until it is ready. */
  static Target begin(String mode, String... below) throws IOException {
    return begin(mode, Map.of(), below);
  }

  static Target begin(String mode, Map<String, String> environment, String... below)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(below));
    command.addAll(List.of(program().toString(), mode));
    return begin(command, environment);
  }

  static Target begin(List<String> command, Map<String, String> environment) throws IOException {
    List<String> shell = new ArrayList<>(List.of("sh", "-c", SHELL, "sh"));
    shell.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(shell).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    Target target = new Target(builder.start());
    assertThat(target.output.readLine()).isEqualTo("ready");
    return target;
  }

  int tgid() {
    return (int) process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void signal(String name) {
    CompiledC.run("kill", "-" + name, Integer.toString(tgid()));
  }

  /** Its next line, or none when it has ended. */
  String says() throws IOException {
    return output.readLine();
  }

  /** What an ended one has said since it was ready, and how it ended. */
  List<String> lastWords() throws IOException {
    return output.lines().toList();
  }

  /** The last child of the process, for commands that stay between. */
  int descendant() {
    return process.descendants().mapToInt(child -> (int) child.pid()).max().orElse(tgid());
  }

  /** Ends it, and looks at what it noticed of us. */
  void assertUnharmed() throws IOException {
    CompiledC.run("kill", "-TERM", Integer.toString(descendant()));
    assertThat(output.readLine()).startsWith("unharmed");
    assertThat(output.readLine()).isEqualTo("status 0");
  }

  /** What is left in the target: stacks, descriptors. */
  void assertNothingLeft() throws IOException {
    Path proc = Path.of("/proc", Integer.toString(descendant()));
    List<String> descriptors = new ArrayList<>();
    try (var files = Files.newDirectoryStream(proc.resolve("fd"))) {
      for (Path file : files) {
        descriptors.add(Files.readSymbolicLink(file).toString());
      }
    }
    assertThat(descriptors).noneMatch(link -> link.contains("unfreed"));
    assertThat(Files.readString(proc.resolve("status"))).contains("TracerPid:\t0");
    assertThat(Files.readString(proc.resolve("maps"))).doesNotContain("unfreed-arena");
  }

  /** What the library wrote into the arena. */
  static final class Counts implements ArenaMaker {
    private RandomAccessFile file;

    @Override
    public void make(int fd) throws IOException {
      file = new RandomAccessFile("/proc/self/fd/" + fd, "rw");
      file.setLength(4096);
      file.write(word().putLong(0, MAGIC).array());
    }

    long attached() throws IOException {
      return read(1);
    }

    long detached() throws IOException {
      return read(2);
    }

    long misaligned() throws IOException {
      return read(3);
    }

    private long read(int index) throws IOException {
      byte[] bytes = new byte[8];
      file.seek(8L * index);
      file.readFully(bytes);
      return word().put(0, bytes).getLong(0);
    }

    private static ByteBuffer word() {
      return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    shell.destroyForcibly();
    output.close();
  }
}
