package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.BpfObject;

/** How the probes of a session get into processes; the first that is possible is taken. */
enum Attaching {
  /** {@link SharedProbing}: needs Linux 6.12 and CAP_SYS_ADMIN; new libraries wait for theirs. */
  SHARED("trace events that tasks share"),

  /** Two links for all functions of an object: Linux 6.6, CAP_BPF and CAP_PERFMON. */
  TOGETHER("uprobe_multi links"),

  /** A perf event for each probe; newer kernels want CAP_SYS_ADMIN for it. */
  SINGLY("perf events"),

  /** Nothing is probed: system calls are recorded. */
  NOTHING("system calls");

  private final String description;

  Attaching(String description) {
    this.description = description;
  }

  String description() {
    return description;
  }

  /** What to try: whether TOGETHER works is known for sure when its program is loaded. */
  static Attaching best(LiveSessionConfig config) {
    if (config.systemCalls()) {
      return NOTHING;
    }
    if (SharedProbing.isPossible()) {
      return SHARED;
    }
    return BpfObject.hasKernelFunction("bpf_uprobe_multi_link_attach") ? TOGETHER : SINGLY;
  }
}
