package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A control group of version 2 for one test. */
record ControlGroup(String path, Path directory) implements AutoCloseable {
  /** Makes it; skips the test, with a printed reason, where there is no such file system. */
  static ControlGroup make(String name) throws IOException {
    String root =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" "))
            .filter(fields -> fields[2].equals("cgroup2"))
            .map(fields -> fields[1])
            .findFirst()
            .orElse(null);
    KernelHost.skipUnless("kernel", root != null, "no cgroup2 file system is mounted");
    String path = "/" + name + "-" + ProcessHandle.current().pid();
    Path directory = Path.of(root + path);
    Files.createDirectory(directory);
    return new ControlGroup(path, directory);
  }

  /** Runs a command in it to its end; the shell before it belongs to it, too. */
  void run(List<String> command) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of("sh", "-c", "echo $$ >" + directory + "/cgroup.procs; exec \"$@\"", "sh"));
    all.addAll(command);
    assertThat(new ProcessBuilder(all).redirectErrorStream(true).start().waitFor()).isZero();
  }

  @Override
  public void close() throws IOException {
    Files.delete(directory);
  }
}
