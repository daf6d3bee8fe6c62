package io.unfreed.bpf.probe;

import java.util.List;

/** The allocator functions an event can come from; ids are those of unfreed.h. */
public enum AllocatorFunction {
  MALLOC(1, "malloc"),
  CALLOC(2, "calloc"),
  REALLOC(3, "realloc"),
  REALLOCARRAY(4, "reallocarray"),
  POSIX_MEMALIGN(5, "posix_memalign"),
  ALIGNED_ALLOC(6, "aligned_alloc"),
  MEMALIGN(7, "memalign"),
  VALLOC(8, "valloc"),
  PVALLOC(9, "pvalloc"),
  FREE(10, "free"),
  CFREE(11, "cfree"),
  MMAP(12, "mmap", "mmap64"),
  MUNMAP(13, "munmap"),
  MREMAP(14, "mremap"),
  FREE_SIZED(15, "free_sized"),
  FREE_ALIGNED_SIZED(16, "free_aligned_sized"),
  NEW(
      17,
      "_Znwm",
      "_Znam",
      "_ZnwmRKSt9nothrow_t",
      "_ZnamRKSt9nothrow_t",
      "_ZnwmSt11align_val_t",
      "_ZnamSt11align_val_t",
      "_ZnwmSt11align_val_tRKSt9nothrow_t",
      "_ZnamSt11align_val_tRKSt9nothrow_t"),
  DELETE(
      18,
      "_ZdlPv",
      "_ZdaPv",
      "_ZdlPvm",
      "_ZdaPvm",
      "_ZdlPvRKSt9nothrow_t",
      "_ZdaPvRKSt9nothrow_t",
      "_ZdlPvSt11align_val_t",
      "_ZdaPvSt11align_val_t",
      "_ZdlPvmSt11align_val_t",
      "_ZdaPvmSt11align_val_t"),
  /** No allocator: glibc calls it when a thread ends, before it frees what its cache holds. */
  THREAD_END(19, "__call_tls_dtors"),
  /** No function: the system call, which moves the end of the heap. */
  BRK(20),
  /** No function: the system call that drops pages of a mapping. */
  MADVISE(21),
  /** No function: an access to a page that was not there. */
  PAGE_FAULT(22),
  KMALLOC(32),
  KFREE(34),
  KMEM_CACHE_ALLOC(35),
  KMEM_CACHE_FREE(37),
  PAGE_ALLOC(38),
  PAGE_FREE(39),
  PERCPU_ALLOC(40),
  PERCPU_FREE(41);

  private final int id;
  private final List<String> symbols;

  AllocatorFunction(int id, String... symbols) {
    this.id = id;
    this.symbols = List.of(symbols);
  }

  public int id() {
    return id;
  }

  /** The names it goes by; empty for the kernel's. */
  public List<String> symbols() {
    return symbols;
  }

  /** The others have variants with a prefix. */
  boolean isPlain() {
    return switch (this) {
      case MMAP, MUNMAP, MREMAP, THREAD_END -> true;
      default -> isCxxOperator();
    };
  }

  /** C++ operators are probed only in an object that is itself an allocator. */
  boolean isCxxOperator() {
    return this == NEW || this == DELETE;
  }
}
