package io.unfreed.render;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.text.Printable;

/** One frame as text: {@code symbol+0x1f [module] file.c:12}. */
final class FrameText {
  private FrameText() {}

  static String of(Frame frame) {
    StringBuilder text = new StringBuilder();
    if (frame.getSymbol() != null) {
      text.append(frame.getSymbol());
      if (frame.getOffset() != null) {
        text.append("+0x").append(Long.toHexString(frame.getOffset()));
      }
    } else if (frame.getAddress() != null) {
      text.append("0x").append(Long.toHexString(frame.getAddress()));
    } else {
      text.append("??");
    }
    if (frame.getInlined()) {
      text.append(" (inlined)");
    }
    if (frame.getModule() != null) {
      text.append(" [").append(baseName(frame.getModule())).append(']');
    }
    if (frame.getFile() != null) {
      text.append("  ").append(baseName(frame.getFile()));
      if (frame.getLine() != null) {
        text.append(':').append(frame.getLine());
      }
    }
    return Printable.of(text.toString());
  }

  static String baseName(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.isEmpty() ? path : name;
  }
}
