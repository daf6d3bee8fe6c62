package io.unfreed.collector.live;

import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.symbols.SourceFrame;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.stack.StackId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names the frames of stacks; a place in code is looked up once. Used by one thread. */
final class StackNames {
  private final Map<CodeLocation, List<Frame>> frames = new HashMap<>();

  CallStack callStack(StackId id, List<CodeLocation> code) {
    List<Frame> named = new ArrayList<>();
    for (CodeLocation location : code) {
      named.addAll(frames.computeIfAbsent(location, StackNames::name));
    }
    return new CallStack(id.toHash(), quality(named), named);
  }

  private static List<Frame> name(CodeLocation location) {
    List<SourceFrame> sources = location.names();
    if (sources.isEmpty()) {
      return List.of(frame(location).build());
    }
    List<Frame> frames = new ArrayList<>();
    for (SourceFrame source : sources) {
      frames.add(
          frame(location)
              .setSymbol(source.symbol())
              .setOffset(source.offsetBytes())
              .setFile(source.file())
              .setLine(source.line())
              .setInlined(source.inlined())
              .build());
    }
    return frames;
  }

  private static Frame.Builder frame(CodeLocation location) {
    return Frame.newBuilder()
        .setModule(location.module())
        .setBuildId(location.buildId())
        .setAddress(location.address());
  }

  private static Quality quality(List<Frame> frames) {
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
