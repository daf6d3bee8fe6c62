package io.unfreed.collector.live;

import io.unfreed.bpf.session.HostFilter;
import java.util.List;

/** What is recorded. */
public sealed interface LiveTarget {
  /** Running processes. */
  record Processes(List<Integer> tgids) implements LiveTarget {
    public Processes {
      tgids = List.copyOf(tgids);
      if (tgids.isEmpty()) {
        throw new IllegalArgumentException("no process to record");
      }
    }
  }

  /** A program that is started, with its arguments. */
  record Program(List<String> command) implements LiveTarget {
    public Program {
      command = List.copyOf(command);
      if (command.isEmpty()) {
        throw new IllegalArgumentException("no command to record");
      }
    }
  }

  /** Every process of the host that passes a filter, now and from its exec on. */
  record Host(HostFilter filter) implements LiveTarget {}

  /** The kernel's own allocations. */
  record Kernel(boolean percpu) implements LiveTarget {}
}
