package io.unfreed.bpf.trace;

import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.ProcessCursor;
import io.unfreed.bpf.ring.RecordHandler;
import io.unfreed.bpf.ring.RingBuffer;
import io.unfreed.bpf.ring.StackCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Stacks of user code, sent once each through a buffer: kept from there until they are asked for.
 * Used by one thread.
 */
final class UserStacks implements RecordHandler, AutoCloseable {
  private final RingBuffer ring;

  /** Whose row found no place nobody asks for. */
  private static final int MOST_WAITING = 8192;

  private final Map<Integer, UserStack> waiting =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, UserStack> eldest) {
          return size() > MOST_WAITING;
        }
      };

  private UserStacks(RingBuffer ring) {
    this.ring = ring;
  }

  static UserStacks of(BpfMap ring, long capacityBytes) {
    return new UserStacks(RingBuffer.map(ring.fd(), capacityBytes));
  }

  /** Reads what was sent up to now. */
  void read() {
    ring.poll(this, Integer.MAX_VALUE);
  }

  /** A stack, once; empty when it has not come. */
  Optional<UserStack> take(int reference) {
    return Optional.ofNullable(waiting.remove(reference));
  }

  @Override
  public void onStack(StackCursor stack) {
    waiting.put(stack.reference(), UserStack.of(stack));
  }

  @Override
  public void onEvent(EventCursor event) {
    throw new AssertionError("tracers send no events of allocations");
  }

  @Override
  public void onProcess(ProcessCursor process) {
    throw new AssertionError("tracers do not follow processes");
  }

  @Override
  public void close() {
    ring.close();
  }
}
