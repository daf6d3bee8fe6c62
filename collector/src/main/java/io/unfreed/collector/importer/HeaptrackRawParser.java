package io.unfreed.collector.importer;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.FrameKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * heaptrack raw files, versions 1 to 3: {@code x} executable, {@code m} modules, {@code t} trace
 * nodes, {@code + size trace pointer}, {@code - pointer}. A realloc is {@code -} then {@code +}. A
 * trace node belongs to the modules in force when its line is read. Nothing is allocated per event.
 */
final class HeaptrackRawParser implements TraceParser {
  private static final int SIZED_TEXTS_SINCE = 3;
  private static final String ALLOCATION = "'+ <size, hex> <trace, hex> <pointer, hex>'";
  private static final String FREE = "'- <pointer, hex>'";

  private final ImportLane lane;
  private final Symbolizer symbolizer;
  private final MalformedLines malformed;
  private final TraceTree traces;
  private final HeaptrackFacts facts = new HeaptrackFacts();
  private final ModuleMap modules = new ModuleMap();
  private final Map<FrameKey, Integer> codes = new HashMap<>();
  private final HexLine fields = new HexLine();
  private String executable = "x";
  private long lineNumber;

  HeaptrackRawParser(ImportLane lane, Symbolizer symbolizer, MalformedLines malformed) {
    this.lane = lane;
    this.symbolizer = symbolizer;
    this.malformed = malformed;
    traces = new TraceTree(lane);
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
    return facts.closed()
        ? null
        : "it ends without heaptrack's closing time stamp: cut off, or the program was killed";
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
      if (expected != null) {
        malformed.report(lineNumber, expected, bytes, at);
      } else if (line.complete()) {
        at = line.position() + 1;
        continue;
      }
      line.reset(bytes, at);
      at = line.lineEnd() + 1;
    }
  }

  private String allocation(HexLine line) throws IOException {
    if (!line.space() || facts.insideCommand()) {
      return facts.insideCommand() ? null : ALLOCATION;
    }
    long sizeBytes = line.hex();
    long node = line.hex();
    long address = line.hex();
    if (!line.complete() || Long.compareUnsigned(node, traces.largestNode()) > 0) {
      return ALLOCATION + ", a trace up to " + Integer.toHexString(traces.largestNode());
    }
    if (sizeBytes < 0) {
      return "a size below 2^63";
    }
    facts.event((byte) '+');
    if (address != 0) {
      lane.allocate(facts.timeNanos(), address, sizeBytes, traces.stackNumber((int) node));
    }
    return null;
  }

  private String free(HexLine line) throws IOException {
    if (!line.space() || facts.insideCommand()) {
      return facts.insideCommand() ? null : FREE;
    }
    long address = line.hex();
    if (!line.complete()) {
      return FREE;
    }
    facts.event((byte) '-');
    if (address != 0) {
      lane.free(facts.timeNanos(), address);
    }
    return null;
  }

  /** Lines that are rare; what follows their fields need not be read. */
  private String other(byte mode, HexLine line) {
    if (!facts.isRecord(mode, line) || (facts.insideCommand() && mode != 'I' && mode != 'm')) {
      return facts.insideCommand() || mode == '#' ? null : HeaptrackFacts.UNKNOWN;
    }
    return switch (mode) {
      case 't' -> trace(line);
      case 'm' -> module(line);
      case 'x' -> executable(line);
      default -> facts.read(mode, line);
    };
  }

  private String executable(HexLine line) {
    String path = facts.version() >= SIZED_TEXTS_SINCE ? line.sizedText() : line.rest();
    if (!line.complete()) {
      return "'x <length, hex> <path of the executable>'";
    }
    executable = path;
    return null;
  }

  private String trace(HexLine line) {
    long address = line.hex();
    long parent = line.hexUpTo(traces.largestNode());
    if (!line.complete()) {
      return "'t <address, hex> <trace up to " + Integer.toHexString(traces.largestNode()) + ">'";
    }
    facts.event((byte) 't');
    traces.addNode(address == 0 ? 0 : code(address), (int) parent);
    return null;
  }

  private int code(long address) {
    FrameKey key = modules.key(address);
    Integer known = codes.get(key);
    if (known != null) {
      return known;
    }
    int number = traces.addCode(new Code(List.of(key), frames(key)));
    codes.put(key, number);
    return number;
  }

  private List<Frame> frames(FrameKey key) {
    return switch (key) {
      case FrameKey.InModule f -> Frames.inModule(f.module(), f.address(), symbolizer);
      case FrameKey.Raw f -> List.of(Frames.raw(f.address()));
      case FrameKey.InBuild f -> throw new IllegalStateException("heaptrack has no build ids");
      case FrameKey.Named f -> throw new IllegalStateException("raw files have no names");
    };
  }

  private String module(HexLine line) {
    facts.endCommand();
    String name = facts.version() >= SIZED_TEXTS_SINCE ? line.sizedText() : line.pathBeforeHex();
    if (line.complete() && name.equals("-")) {
      modules.clear();
      return null;
    }
    String path = name.equals("x") ? executable : name;
    long loadBias = line.hex();
    while (line.more()) {
      long virtualAddress = line.hex();
      long sizeBytes = line.hex();
      if (line.ok()) {
        modules.add(path, loadBias, virtualAddress, sizeBytes);
      }
    }
    return line.complete() ? null : "'m <length> <path> <load address> {<address> <size>}', hex";
  }
}
