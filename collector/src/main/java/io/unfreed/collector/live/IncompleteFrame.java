package io.unfreed.collector.live;

import io.unfreed.bpf.symbols.CodeLocation;
import io.unfreed.bpf.symbols.SourceFrame;
import java.util.List;

/**
 * What stands behind the outermost frame of a stack that was not unwound to its beginning: so it is
 * another stack than the whole one, and says so.
 */
final class IncompleteFrame {
  static final CodeLocation LOCATION =
      new CodeLocation(
          null, null, 0, null, List.of(new SourceFrame("(incomplete)", null, null, null, false)));

  private IncompleteFrame() {}
}
