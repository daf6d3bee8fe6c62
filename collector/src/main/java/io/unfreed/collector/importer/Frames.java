package io.unfreed.collector.importer;

import io.unfreed.schemas.Frame;
import java.util.ArrayList;
import java.util.List;

/** Frames for people. */
final class Frames {
  private Frames() {}

  /** A call address outside any module. */
  static Frame raw(long address) {
    return Frame.newBuilder().setAddress(address).build();
  }

  /** A call address inside a module, with the names that are known; innermost first. */
  static List<Frame> inModule(String module, long address, Symbolizer symbolizer) {
    List<Symbolizer.SourceFrame> sources = symbolizer.frames(module, address);
    if (sources.isEmpty()) {
      return List.of(Frame.newBuilder().setModule(module).setAddress(address).build());
    }
    List<Frame> frames = new ArrayList<>();
    for (Symbolizer.SourceFrame source : sources) {
      frames.add(
          Frame.newBuilder()
              .setModule(module)
              .setAddress(address)
              .setSymbol(source.symbol())
              .setOffset(source.offsetBytes())
              .setFile(source.file())
              .setLine(source.line())
              .setInlined(source.inlined())
              .build());
    }
    return frames;
  }
}
