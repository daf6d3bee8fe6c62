package io.unfreed.collector.importer;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.FrameKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * heaptrack interpreted files, versions 0 to 3: {@code s} strings, {@code i} code addresses with
 * their functions, {@code t} trace nodes, {@code a} allocation infos (size and trace), {@code +}
 * and {@code -} with the number of an info from 0.
 *
 * <p>The format names no addresses. Blocks of one info are alike, so {@code -} releases the
 * youngest live one of its info: a stack of live blocks for each info, of which only the height is
 * kept. The block at height h of info i has the synthetic address {@code (i + 1) << 32 | h << 4}, h
 * from 0. Version 0 has pointers as raw files do.
 */
final class HeaptrackInterpretedParser implements TraceParser {
  private static final int SIZED_TEXTS_SINCE = 3;
  private static final int INLINED_SINCE = 2;
  private static final int INFOS_SINCE = 1;
  private static final int MOST_LIVE = (1 << 28) - 1;
  private static final int LARGEST_LINE = Integer.MAX_VALUE;

  private final ImportLane lane;
  private final MalformedLines malformed;
  private final TraceTree traces;
  private final HeaptrackFacts facts = new HeaptrackFacts();
  private final HexLine fields = new HexLine();
  private final List<String> strings = new ArrayList<>();
  private long[] infoSizes = new long[1024];
  private int[] infoNodes = new int[1024];
  private int[] infoLive = new int[1024];
  private int infos;
  private boolean trailer;
  private long lineNumber;

  HeaptrackInterpretedParser(ImportLane lane, MalformedLines malformed) {
    this.lane = lane;
    this.malformed = malformed;
    traces = new TraceTree(lane);
    strings.add(null);
  }

  @Override
  public long timeNanos() {
    return facts.timeNanos();
  }

  @Override
  public List<String> suppressions() {
    return facts.suppressions();
  }

  @Override
  public String missing() {
    if (!facts.closed()) {
      return "it ends without heaptrack's closing time stamp: cut off, or the program was killed";
    }
    return trailer ? null : "it ends without the counts that heaptrack_interpret writes last";
  }

  @Override
  public void parse(byte[] bytes, int length) throws IOException, MalformedLines.AtDamage {
    HexLine line = fields;
    for (int at = 0; at < length; ) {
      lineNumber++;
      byte mode = bytes[at];
      if (mode == '\n') {
        at++;
        continue;
      }
      line.reset(bytes, at + 1);
      String expected =
          switch (mode) {
            case '+' -> allocation(line);
            case '-' -> free(line);
            default -> other(mode, line);
          };
      if (expected != null && !facts.insideCommand()) {
        malformed.report(lineNumber, expected, bytes, at);
      }
      if (expected == null && mode != 'X') {
        facts.endCommand();
      }
      line.reset(bytes, at);
      at = line.lineEnd() + 1;
    }
  }

  private String allocation(HexLine line) throws IOException {
    if (facts.version() < INFOS_SINCE) {
      return pointerAllocation(line);
    }
    boolean spaced = line.space();
    long info = line.hex();
    if (!spaced || !line.complete() || Long.compareUnsigned(info, infos) >= 0) {
      return "'+ <allocation info below " + Integer.toHexString(infos) + ", hex>'";
    }
    int i = (int) info;
    if (infoLive[i] == MOST_LIVE) {
      return "at most " + MOST_LIVE + " live blocks of one allocation info";
    }
    facts.event((byte) '+');
    int stack = traces.stackNumber(infoNodes[i]);
    lane.allocate(facts.timeNanos(), address(i, infoLive[i]++), infoSizes[i], stack);
    return null;
  }

  private String free(HexLine line) throws IOException {
    boolean spaced = line.space();
    long value = line.hex();
    boolean info = facts.version() >= INFOS_SINCE;
    if (!spaced || !line.complete() || (info && Long.compareUnsigned(value, infos) >= 0)) {
      return info
          ? "'- <allocation info below " + Integer.toHexString(infos) + ", hex>'"
          : "'- <pointer, hex>'";
    }
    facts.event((byte) '-');
    long address = value;
    if (info) {
      int i = (int) value;
      address = address(i, infoLive[i] == 0 ? 0 : --infoLive[i]);
    }
    if (address != 0) {
      lane.free(facts.timeNanos(), address);
    }
    return null;
  }

  private String pointerAllocation(HexLine line) throws IOException {
    boolean spaced = line.space();
    long sizeBytes = line.hex();
    long node = line.hexUpTo(traces.largestNode());
    long address = line.hex();
    if (!spaced || !line.complete() || sizeBytes < 0) {
      return "'+ <size, hex> <trace, hex> <pointer, hex>'";
    }
    facts.event((byte) '+');
    if (address != 0) {
      int stack = traces.stackNumber((int) node);
      lane.allocate(facts.timeNanos(), address, sizeBytes, stack);
    }
    return null;
  }

  private static long address(int info, int height) {
    return (info + 1L) << Integer.SIZE | (long) height << 4;
  }

  private String other(byte mode, HexLine line) {
    if (!facts.isRecord(mode, line)) {
      trailer |= mode == '#' && line.startsWith(" ips: ");
      return mode == '#' ? null : HeaptrackFacts.UNKNOWN;
    }
    return switch (mode) {
      case 's' -> text(line);
      case 'i' -> instruction(line);
      case 't' -> trace(line);
      case 'a' -> info(line);
      default -> facts.read(mode, line);
    };
  }

  private String text(HexLine line) {
    String text = facts.version() >= SIZED_TEXTS_SINCE ? line.sizedText() : line.rest();
    if (!line.complete()) {
      return "'s <length, hex> <text>'";
    }
    strings.add(text);
    return null;
  }

  private String instruction(HexLine line) {
    long address = line.hex();
    String module = string(line);
    List<FrameKey> keys = new ArrayList<>();
    List<Frame> frames = new ArrayList<>();
    do {
      String function = line.more() ? string(line) : null;
      String file = line.more() ? string(line) : null;
      int number = line.more() ? (int) line.hexUpTo(LARGEST_LINE) : 0;
      boolean inlined = line.more() && facts.version() >= INLINED_SINCE;
      add(keys, frames, new NamedCode(address, module, function, file, number, inlined));
    } while (line.more());
    if (!line.complete()) {
      return "'i <address> <module> {<function> <file> <line>}', hex, texts up to "
          + Integer.toHexString(strings.size() - 1);
    }
    traces.addCode(new Code(keys, frames));
    return null;
  }

  private record NamedCode(
      long address, String module, String function, String file, int line, boolean inlined) {}

  private static void add(List<FrameKey> keys, List<Frame> frames, NamedCode code) {
    Frame.Builder frame = Frame.newBuilder().setModule(code.module()).setInlined(code.inlined());
    if (code.function() == null) {
      keys.add(new FrameKey.Raw(code.address()));
      frame.setAddress(code.module() == null ? code.address() : null);
    } else {
      keys.add(
          new FrameKey.Named(
              orEmpty(code.module()),
              code.function(),
              orEmpty(code.file()),
              code.line(),
              code.inlined()));
      frame.setSymbol(code.function());
    }
    frame.setFile(code.file());
    frame.setLine(code.file() == null || code.line() == 0 ? null : code.line());
    frames.add(frame.build());
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  private String string(HexLine line) {
    return strings.get((int) line.hexUpTo(strings.size() - 1));
  }

  private String trace(HexLine line) {
    long code = line.hexUpTo(traces.largestCode());
    long parent = line.hexUpTo(traces.largestNode());
    if (!line.complete()) {
      return "'t <code up to %x> <trace up to %x>', hex"
          .formatted(traces.largestCode(), traces.largestNode());
    }
    facts.event((byte) 't');
    traces.addNode((int) code, (int) parent);
    return null;
  }

  private String info(HexLine line) {
    long sizeBytes = line.hex();
    long node = line.hexUpTo(traces.largestNode());
    if (!line.complete() || sizeBytes < 0) {
      return "'a <size, hex> <trace up to " + Integer.toHexString(traces.largestNode()) + ">'";
    }
    facts.event((byte) 'a');
    if (infos == infoSizes.length) {
      infoSizes = Arrays.copyOf(infoSizes, infos * 2);
      infoNodes = Arrays.copyOf(infoNodes, infos * 2);
      infoLive = Arrays.copyOf(infoLive, infos * 2);
    }
    infoSizes[infos] = sizeBytes;
    infoNodes[infos] = (int) node;
    infoLive[infos] = 0;
    infos++;
    return null;
  }
}
