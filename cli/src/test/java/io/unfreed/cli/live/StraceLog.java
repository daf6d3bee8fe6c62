package io.unfreed.cli.live;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What strace says of the memory calls of one process. */
record StraceLog(long allocations, long bytes) {
  private static final long PAGE = 4096;
  private static final Pattern CALL =
      Pattern.compile("(?:\\d+ +)?(mmap|mremap|brk)\\((.*)\\) += (0x[0-9a-f]+)");

  static StraceLog of(List<String> lines) {
    long allocations = 0;
    long bytes = 0;
    long heapEnd = 0;
    for (String line : lines) {
      Matcher call = CALL.matcher(line);
      if (!call.matches()) {
        continue; // failed, or an munmap
      }
      String[] arguments = call.group(2).split(", ");
      long size =
          switch (call.group(1)) {
            case "mmap" -> pages(Long.decode(arguments[1]));
            case "mremap" -> pages(Long.decode(arguments[2]));
            default -> {
              long before = heapEnd;
              heapEnd = pages(Long.decode(call.group(3)));
              yield before == 0 ? 0 : Math.max(0, heapEnd - before);
            }
          };
      if (size > 0) {
        allocations++;
        bytes += size;
      }
    }
    return new StraceLog(allocations, bytes);
  }

  private static long pages(long bytes) {
    return (bytes + PAGE - 1) / PAGE * PAGE;
  }
}
