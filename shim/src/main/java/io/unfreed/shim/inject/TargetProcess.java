package io.unfreed.shim.inject;

import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code /proc} says of the target, in this process's view of process ids. */
record TargetProcess(int tgid) {
  private static final int AT_BASE = 7;

  /**
   * The system call that a thread sleeps in, as {@code /proc/PID/task/TID/syscall} has it.
   *
   * @param second its second argument
   */
  record BlockedCall(long number, long second, long stackPointer, long pc) {}

  Path path(String name) {
    return Path.of("/proc", Integer.toString(tgid), name);
  }

  String command() {
    try {
      return ProcText.read(path("comm")).strip();
    } catch (IOException gone) {
      return "?";
    }
  }

  Map<String, String> status() throws IOException {
    return fields(path("status"));
  }

  /**
   * A thread's.
   *
   * @throws NoSuchFileException when it has ended
   */
  Map<String, String> status(int tid) throws IOException {
    Path file = task(tid, "status");
    try {
      return fields(file);
    } catch (IOException failed) {
      // Ended between opening and reading, it is ESRCH.
      if (!Files.exists(file)) {
        throw new NoSuchFileException(file.toString());
      }
      throw failed;
    }
  }

  /** A thread's id in the innermost namespace of process ids, by which it knows itself. */
  int ownId(int tid) throws IOException {
    String ids = status(tid).getOrDefault("NSpid", Integer.toString(tid));
    return Integer.parseInt(ids.substring(ids.lastIndexOf('\t') + 1));
  }

  /** Whether a thread is at its very end, and cannot be traced any more, or is gone. */
  boolean isEnding(int tid) throws IOException {
    try {
      String state = status(tid).getOrDefault("State", "X");
      return state.startsWith("Z") || state.startsWith("X");
    } catch (NoSuchFileException ended) {
      return true;
    }
  }

  List<Mapping> mappings() throws IOException {
    return Files.readAllLines(path("maps"), java.nio.charset.StandardCharsets.ISO_8859_1).stream()
        .map(Mapping::parse)
        .toList();
  }

  List<Integer> threads() throws IOException {
    List<Integer> tids = new ArrayList<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(path("task"))) {
      for (Path task : tasks) {
        tids.add(Integer.valueOf(task.getFileName().toString()));
      }
    }
    return tids;
  }

  /** Empty for a thread that runs, or waits for a processor or a page. */
  Optional<BlockedCall> blockedCall(int tid) {
    try {
      String[] words = Files.readString(task(tid, "syscall")).strip().split(" ");
      return words.length < 9
          ? Optional.empty()
          : Optional.of(
              new BlockedCall(
                  Long.parseLong(words[0]), hex(words[2]), hex(words[7]), hex(words[8])));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** Where the dynamic loader is mapped; 0 for a program without one. */
  long loaderBase() throws IOException {
    ByteBuffer auxv =
        ByteBuffer.wrap(Files.readAllBytes(path("auxv"))).order(ByteOrder.LITTLE_ENDIAN);
    while (auxv.remaining() >= 16) {
      long type = auxv.getLong();
      long value = auxv.getLong();
      if (type == AT_BASE) {
        return value;
      }
    }
    return 0;
  }

  /** The signals of a thread that are pending and not blocked, as the kernel's mask. */
  long deliverable(int tid) throws IOException {
    Map<String, String> status = status(tid);
    long pending = mask(status, "SigPnd") | mask(status, "ShdPnd");
    return pending & ~mask(status, "SigBlk");
  }

  long pending(int tid) throws IOException {
    return mask(status(tid), "SigPnd");
  }

  private static long hex(String word) {
    return Long.parseUnsignedLong(word.substring(2), 16);
  }

  private static long mask(Map<String, String> status, String name) {
    return Long.parseUnsignedLong(status.getOrDefault(name, "0"), 16);
  }

  private Path task(int tid, String name) {
    return path("task").resolve(Integer.toString(tid)).resolve(name);
  }

  private static Map<String, String> fields(Path file) throws IOException {
    Map<String, String> fields = new HashMap<>();
    for (String line : Files.readAllLines(file, java.nio.charset.StandardCharsets.ISO_8859_1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return fields;
  }
}
