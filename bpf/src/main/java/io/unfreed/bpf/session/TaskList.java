package io.unfreed.bpf.session;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The threads of a process at one moment. */
final class TaskList {
  private TaskList() {}

  /** Thread ids; empty when the process is gone. */
  static List<Integer> of(int tgid) {
    List<Integer> tids = new ArrayList<>();
    Path directory = Path.of("/proc/" + tgid + "/task");
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(entry -> tids.add(Integer.parseInt(entry.getFileName().toString())));
    } catch (IOException | java.nio.file.DirectoryIteratorException gone) {
      return tids;
    }
    return tids;
  }
}
