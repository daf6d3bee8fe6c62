package io.unfreed.bpf.ring;

/** Takes records in ring-buffer order, on the polling thread. The cursors must not be kept. */
public interface RecordHandler {
  void onEvent(EventCursor event);

  /** A stack, before the first event that refers to it unless its own submit failed. */
  void onStack(StackCursor stack);

  void onProcess(ProcessCursor process);
}
