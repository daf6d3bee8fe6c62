package io.unfreed.collector.importer;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * heaptrack's tree of call traces: node 1, 2, 3, ... each with its code and its parent, which is
 * the caller; 0 is the root. A node becomes a stack when the first allocation names it. Memory
 * grows with the number of different traces, not with the number of events. Not thread-safe.
 */
final class TraceTree {
  private static final int NO_STACK = -1;

  private final ImportLane lane;
  private final StackHasher hasher = new StackHasher();
  private int[] parents = new int[1024];
  private int[] codes = new int[1024];
  private int[] stackNumbers = new int[1024];
  private final List<Code> codeList = new ArrayList<>();
  private int nodes = 1;

  TraceTree(ImportLane lane) {
    this.lane = lane;
    codeList.add(Code.NONE);
    stackNumbers[0] = NO_STACK;
  }

  /** Largest node number. */
  int largestNode() {
    return nodes - 1;
  }

  /** Largest code number. */
  int largestCode() {
    return codeList.size() - 1;
  }

  /** Adds a code and returns its number, from 1. */
  int addCode(Code code) {
    codeList.add(code);
    return codeList.size() - 1;
  }

  /** Adds the next node. */
  void addNode(int code, int parent) {
    if (nodes == parents.length) {
      parents = Arrays.copyOf(parents, nodes * 2);
      codes = Arrays.copyOf(codes, nodes * 2);
      stackNumbers = Arrays.copyOf(stackNumbers, nodes * 2);
    }
    codes[nodes] = code;
    parents[nodes] = parent;
    stackNumbers[nodes] = NO_STACK;
    nodes++;
  }

  /** The stack of a node; one that is new is given to the sink. */
  int stackNumber(int node) throws IOException {
    int known = stackNumbers[node];
    return known != NO_STACK ? known : resolve(node);
  }

  private int resolve(int node) throws IOException {
    List<FrameKey> keys = new ArrayList<>();
    List<Frame> frames = new ArrayList<>();
    for (int n = node; n != 0; n = parents[n]) {
      Code code = codeList.get(codes[n]);
      keys.addAll(code.keys());
      frames.addAll(code.frames());
    }
    StackId id = hasher.hash(keys);
    int before = lane.stackCount();
    int number = lane.stackNumber(id);
    if (number == before) {
      lane.stack(new CallStack(id.toHash(), quality(frames), frames));
    }
    stackNumbers[node] = number;
    return number;
  }

  /** The best of the frames: a stack with one source line is better than one with none. */
  static Quality quality(List<Frame> frames) {
    Quality best = Quality.ADDRESSES;
    for (Frame frame : frames) {
      if (frame.getLine() != null) {
        return Quality.LINES;
      }
      if (frame.getSymbol() != null) {
        best = Quality.SYMBOLS;
      }
    }
    return best;
  }
}
