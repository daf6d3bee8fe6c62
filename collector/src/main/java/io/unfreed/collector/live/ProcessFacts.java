package io.unfreed.collector.live;

import io.unfreed.bpf.ffi.NativePath;
import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What /proc says of a process (proc(5)); empty when it is gone. */
final class ProcessFacts {
  /** USER_HZ is 100 on every Linux that matters; /proc tells starts in these units. */
  private static final long CLOCK_TICK_NANOS = 10_000_000L;

  // Fields of /proc/PID/stat behind the command's closing parenthesis, counted from 0.
  private static final int STATE = 0;
  private static final int THREADS = 17;
  private static final int START = 19;

  private static final Pattern OWN_ID = Pattern.compile("(?m)^NSpid:.*?(\\d+)$");

  private ProcessFacts() {}

  /** Start since boot, as /proc tells it: down to 10 ms. */
  static Optional<Long> startNanos(int tgid) {
    return stat(tgid).map(fields -> Long.parseLong(fields[START]) * CLOCK_TICK_NANOS);
  }

  /** A start that the kernel side told, as /proc would tell it: the same process, the same key. */
  static long asProcTells(long startNanos) {
    return startNanos - Math.floorMod(startNanos, CLOCK_TICK_NANOS);
  }

  /** Whether the process that started then still runs; a zombie does not. */
  static boolean runs(int tgid, long startNanos) {
    return stat(tgid)
        .filter(fields -> Long.parseLong(fields[START]) * CLOCK_TICK_NANOS == startNanos)
        .filter(fields -> !"ZX".contains(fields[STATE]) || !fields[THREADS].equals("1"))
        .isPresent();
  }

  /** Arguments joined by spaces. */
  static Optional<String> command(int tgid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + tgid + "/cmdline"));
      String text = new String(bytes, StandardCharsets.UTF_8).replace('\0', ' ').strip();
      return Optional.of(text).filter(t -> !t.isEmpty());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** The number by which a process knows itself: that of the innermost namespace of ids. */
  static int ownTgid(int tgid) {
    String status = line("/proc/" + tgid + "/status");
    Matcher ids = OWN_ID.matcher(status == null ? "" : status);
    return ids.find() ? Integer.parseInt(ids.group(1)) : tgid;
  }

  /** Our number of a process that has another in its own pid namespace. */
  static Optional<Integer> tgidOf(int inner, long namespace) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        String status = line(process + "/status");
        if (status != null
            && status.matches("(?s).*\nNSpid:[^\n]*\\s" + inner + "\n.*")
            && isIn(process, namespace)) {
          return Optional.of(Integer.parseInt(process.getFileName().toString()));
        }
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      // It keeps the number it told.
    }
    return Optional.empty();
  }

  private static boolean isIn(Path process, long namespace) {
    try {
      return Files.readSymbolicLink(process.resolve("ns/pid"))
          .toString()
          .equals("pid:[" + namespace + "]");
    } catch (IOException gone) {
      return false;
    }
  }

  /** The first line of a file of /proc, or null. */
  static String line(String file) {
    try {
      return ProcText.read(NativePath.of(file)).strip();
    } catch (IOException missing) {
      return null;
    }
  }

  private static Optional<String[]> stat(int tgid) {
    String text = line("/proc/" + tgid + "/stat");
    return text == null
        ? Optional.empty()
        : Optional.of(text.substring(text.lastIndexOf(')') + 2).split(" "));
  }
}
