package io.unfreed.collector.importer;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.FrameKey;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The caller in an mtrace log: {@code file:(symbol+offset)[0xaddress]}, where glibc prints caller
 * minus module base, or {@code [0xaddress]} alone when it found no module. Both are return
 * addresses, so 1 is taken off.
 *
 * @param module file as the dynamic linker named it, null when unknown
 * @param symbol null when unknown
 * @param offset bytes from the symbol's start; null without symbol
 * @param address address of the call, null without any location
 */
record MtraceLocation(String module, String symbol, Long offset, Long address) {
  private static final Pattern FORM =
      Pattern.compile("(?:(.+?):?)?(?:\\((.+)([+-])([0-9a-f]{1,16})\\))?\\[0x([0-9a-f]{1,16})\\]");

  /** Reads the text between {@code "@ "} and the space before the operation. */
  static MtraceLocation parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return new MtraceLocation(text.isEmpty() ? null : text, null, null, null);
    }
    Long offset = null;
    if (form.group(2) != null) {
      long distance = Long.parseUnsignedLong(form.group(4), 16);
      offset = (form.group(3).equals("-") ? -distance : distance) - 1;
    }
    long address = Long.parseUnsignedLong(form.group(5), 16) - 1;
    return new MtraceLocation(form.group(1), form.group(2), offset, address);
  }

  /** What identifies the caller; none without a location. */
  List<FrameKey> keys() {
    if (address == null) {
      return module == null ? List.of() : List.of(new FrameKey.InModule(module, 0));
    }
    return List.of(
        module == null ? new FrameKey.Raw(address) : new FrameKey.InModule(module, address));
  }

  /** Facts for people: what the debug files say, else what the log says. */
  List<Frame> frames(Symbolizer symbolizer) {
    if (module == null && address == null) {
      return List.of();
    }
    if (module != null && address != null) {
      List<Frame> better = Frames.inModule(module, address, symbolizer);
      if (better.getFirst().getSymbol() != null) {
        return better;
      }
    }
    return List.of(
        Frame.newBuilder()
            .setModule(module)
            .setAddress(address)
            .setSymbol(symbol)
            .setOffset(offset)
            .build());
  }
}
