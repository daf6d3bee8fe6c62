package io.unfreed.query;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.stack.StackId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Frames by stack id; of several values for one id the best symbolised is kept. Thread-safe. */
public final class StackBook {
  private final Map<StackId, CallStack> stacks = new HashMap<>();

  /** Notes a stack. */
  public synchronized void add(CallStack stack) {
    stacks.merge(
        StackId.of(stack.getStackId()),
        stack,
        (a, b) -> b.getQuality().compareTo(a.getQuality()) > 0 ? b : a);
  }

  /** Stacks that are there. */
  synchronized int size() {
    return stacks.size();
  }

  /** Whether a stack is there, with more than addresses. */
  synchronized boolean isNamed(StackId id) {
    CallStack stack = stacks.get(id);
    return stack != null && stack.getQuality() != Quality.ADDRESSES;
  }

  /** Frames, innermost first; null when the stack was never recorded. */
  public synchronized List<Frame> frames(StackId id) {
    CallStack stack = stacks.get(id);
    return stack == null ? null : stack.getFrames();
  }
}
