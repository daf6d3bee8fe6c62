package io.unfreed.bpf.session;

/** How user stacks are taken. */
public enum Unwinding {
  /** By the call frame information of the code, whole without frame pointers. */
  BY_RULES,

  /** By frame pointers, as the kernel's own helper does: to compare, and where rules fail. */
  BY_FRAME_POINTERS
}
