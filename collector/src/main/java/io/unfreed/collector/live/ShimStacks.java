package io.unfreed.collector.live;

import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.symbols.ObjectSymbolCache;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.shim.arena.NodeReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Nodes of recorded processes as numbers of stack ids. A stack not met before goes out ahead of the
 * first event with it; its names are looked up on the outbox's thread. Used by one thread.
 */
final class ShimStacks implements AutoCloseable {
  private static final int STEP_BYTES_PER_FRAME = 64;

  /** The number of {@link StackId#UNKNOWN}. */
  static final int UNKNOWN = 0;

  private final StackDictionary dictionary = new StackDictionary();
  private final ObjectSymbolCache cache = new ObjectSymbolCache();
  private final StackHasher hasher = new StackHasher();
  private final StackNames names = new StackNames();
  private final Outbox outbox;
  private long incomplete;

  ShimStacks(Outbox outbox) {
    this.outbox = outbox;
    dictionary.number(StackId.UNKNOWN);
  }

  StackDictionary dictionary() {
    return dictionary;
  }

  ObjectSymbolCache cache() {
    return cache;
  }

  /** Distinct stacks that were not unwound to their beginning, of all images. */
  long incomplete() {
    return incomplete;
  }

  /** The number of a node's stack, found for the first time. */
  int resolve(ImageCode code, NodeReader nodes, int node) {
    if (!nodes.read(node)) {
      return UNKNOWN;
    }
    List<CodeLocation> places = new ArrayList<>(nodes.depth() + 1);
    for (int i = 0; i < nodes.depth(); i++) {
      places.add(code.locate(nodes.address(i), nodes.generation()));
    }
    if (!nodes.isComplete()) {
      places.add(IncompleteFrame.LOCATION);
      incomplete++;
    }
    List<FrameKey> keys = new ArrayList<>(places.size());
    places.forEach(place -> keys.add(LiveStacks.key(place)));
    StackId id = hasher.hash(keys);
    int known = dictionary.size();
    int number = dictionary.number(id);
    if (number == known) {
      outbox.give(
          sink -> sink.stack(names.callStack(id, places)), places.size() * STEP_BYTES_PER_FRAME);
    }
    return number;
  }

  /** A line for the user when frames are named worse than they could be; null for none. */
  String limitation() {
    return cache.limitation().orElse(null);
  }

  /** After the outbox: it looks names up. */
  @Override
  public void close() {
    cache.close();
  }
}
