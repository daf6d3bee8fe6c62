package io.unfreed.bpf.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is traced; each has its tracepoints, and its programs in trace.bpf.c. */
public enum Tracer {
  SYSCALLS("raw_syscalls", "sys_enter", "call_begin", "sys_exit", "call_end"),
  LOCKS(
      "lock",
      "contention_begin",
      "lock_begin",
      "contention_end",
      "lock_end",
      "sys_enter",
      "wait_begin",
      "sys_exit",
      "wait_end"),
  IO(
      "block",
      "block_rq_insert",
      "io_insert",
      "block_rq_merge",
      "io_merge",
      "block_rq_issue",
      "io_issue",
      "block_rq_complete",
      "io_complete"),
  MEMORY(
      "kmem",
      "kmalloc",
      "memory_kmalloc",
      "kfree",
      "memory_kfree",
      "kmem_cache_alloc",
      "memory_cache_alloc",
      "kmem_cache_free",
      "memory_cache_free",
      "mm_page_alloc",
      "memory_page_alloc",
      "mm_page_free",
      "memory_page_free");

  private final String system;
  private final Map<String, String> programs = new LinkedHashMap<>();

  /** Tracepoints, each with its program. */
  Tracer(String system, String... pairs) {
    this.system = system;
    for (int i = 0; i < pairs.length; i += 2) {
      programs.put(pairs[i], pairs[i + 1]);
    }
  }

  /** As tracefs sorts them; system calls are raw_syscalls, whoever uses them. */
  String fullName(String tracepoint) {
    return (tracepoint.startsWith("sys_") ? "raw_syscalls" : system) + ":" + tracepoint;
  }

  List<String> tracepoints() {
    return List.copyOf(programs.keySet());
  }

  /** Whether what is counted is told apart by the code that waits. */
  boolean hasStacks() {
    return this == LOCKS;
  }

  /** Ends before begins: what ends unseen is not counted, what begins unseen would be. */
  List<String> programs() {
    List<String> ordered = new ArrayList<>(programs.values());
    return List.copyOf(ordered.reversed());
  }
}
