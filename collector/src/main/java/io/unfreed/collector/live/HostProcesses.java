package io.unfreed.collector.live;

import io.unfreed.bpf.session.HostFilter;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes of this host at one moment. */
final class HostProcesses {
  private HostProcesses() {}

  /** Those that pass a filter, but for this one and the kernel's threads. */
  static List<Integer> passing(HostFilter filter) {
    List<Integer> passing = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        int tgid = Integer.parseInt(process.getFileName().toString());
        String name = ProcessFacts.line(process + "/comm");
        if (tgid != ProcessHandle.current().pid()
            && name != null
            && filter.name().map(name::equals).orElse(true)
            && filter.cgroup().map(group -> group.has(tgid)).orElse(true)
            && ProcessFacts.command(tgid).isPresent()) {
          passing.add(tgid);
        }
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      return passing;
    }
    return passing;
  }
}
