package io.unfreed.cli.live;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the kernel itself says of probes and programs, by bpftool(8). */
final class BpfTool {
  private BpfTool() {}

  static void assumeInstalled() {
    KernelHost.assumeTool("bpftool");
  }

  static String run(String... arguments) throws IOException, InterruptedException {
    ProcessBuilder command = new ProcessBuilder("bpftool");
    command.command().addAll(Arrays.asList(arguments));
    Process process = command.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("bpftool " + String.join(" ", arguments) + ": " + said);
    }
    return said;
  }
}
