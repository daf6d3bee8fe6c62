package io.unfreed.collector.importer;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * glibc mtrace logs: {@code @ location + pointer size}, {@code - pointer}, {@code < old} and on the
 * next line {@code > new size} for a realloc, {@code ! pointer size} for one that failed. No times,
 * no threads, one caller. Source: glibc malloc/mtrace-impl.c and mtrace.pl.
 */
final class MtraceParser implements TraceParser {
  private static final String PREFIX = "@ ";

  private final ImportLane lane;
  private final Symbolizer symbolizer;
  private final MalformedLines malformed;
  private final StackHasher hasher = new StackHasher();
  private final Map<String, Integer> stackOfLocation = new HashMap<>();
  private long lineNumber;
  private boolean insideRealloc;

  MtraceParser(ImportLane lane, Symbolizer symbolizer, MalformedLines malformed) {
    this.lane = lane;
    this.symbolizer = symbolizer;
    this.malformed = malformed;
  }

  @Override
  public long timeNanos() {
    return 0;
  }

  @Override
  public String missing() {
    return insideRealloc ? "it ends between the two lines of a realloc" : null;
  }

  @Override
  public void parse(byte[] bytes, int length) throws IOException, MalformedLines.AtDamage {
    for (int at = 0; at < length; ) {
      lineNumber++;
      int end = at;
      while (bytes[end] != '\n') {
        end++;
      }
      String line = Texts.decode(bytes, at, end);
      String expected = line.isEmpty() || line.startsWith("=") ? null : record(line);
      if (expected != null) {
        malformed.report(lineNumber, expected, bytes, at);
      }
      at = end + 1;
    }
  }

  private String record(String line) throws IOException {
    String location = "";
    String operation = line;
    if (line.startsWith(PREFIX)) {
      int cut = operationAt(line);
      if (cut < 0) {
        return "'@ <file>:(<symbol>)[<address>] <operation>'";
      }
      location = line.substring(PREFIX.length(), cut - 1);
      operation = line.substring(cut);
    }
    String[] field = operation.split(" ", -1);
    boolean sized = field.length == 3;
    if (field[0].length() != 1 || (field.length != 2 && !sized)) {
      return "one of '+ p size', '- p', '< p', '> p size', '! p size'";
    }
    return apply(field[0].charAt(0), field[1], sized ? field[2] : null, location);
  }

  private String apply(char operation, String pointerText, String sizeText, String location)
      throws IOException {
    boolean sized = operation == '+' || operation == '>' || operation == '!';
    if ("+-<>!".indexOf(operation) < 0 || sized != (sizeText != null)) {
      return "one of '+ p size', '- p', '< p', '> p size', '! p size'";
    }
    Long pointer = pointer(pointerText);
    Long sizeBytes = sized ? size(sizeText) : Long.valueOf(0);
    if (pointer == null || sizeBytes == null) {
      return "a pointer '0x<hex>' and a size '0x<hex>'";
    }
    if (insideRealloc != (operation == '>')) {
      boolean expectedSecondLine = insideRealloc;
      insideRealloc = false;
      if (expectedSecondLine) {
        applyPlain(operation, pointer, sizeBytes, location);
      }
      return expectedSecondLine ? "'> p size' behind '< p'" : "'< p' before '> p size'";
    }
    insideRealloc = operation == '<';
    applyPlain(operation, pointer, sizeBytes, location);
    return null;
  }

  private void applyPlain(char operation, long pointer, long sizeBytes, String location)
      throws IOException {
    if (pointer == 0 || operation == '!') {
      return;
    }
    if (operation == '+' || operation == '>') {
      lane.allocate(0, pointer, sizeBytes, stackNumber(location));
    } else {
      lane.free(0, pointer);
    }
  }

  /** Where the operation begins: behind the last "] " that an operation and a space follow. */
  private static int operationAt(String line) {
    for (int at = line.lastIndexOf("] "); at >= 0; at = line.lastIndexOf("] ", at - 1)) {
      if (at + 3 < line.length()
          && "+-<>!".indexOf(line.charAt(at + 2)) >= 0
          && line.charAt(at + 3) == ' ') {
        return at + 2;
      }
    }
    return -1;
  }

  private static Long pointer(String text) {
    return text.equals("(nil)") ? Long.valueOf(0) : hex(text);
  }

  private static Long size(String text) {
    Long value = text.equals("0") ? Long.valueOf(0) : hex(text);
    return value == null || value < 0 ? null : value;
  }

  private static Long hex(String text) {
    if (!text.startsWith("0x") || text.length() < 3 || text.length() > 18) {
      return null;
    }
    for (int i = 2; i < text.length(); i++) {
      if (Character.digit(text.charAt(i), 16) < 0 || text.charAt(i) > 'f') {
        return null;
      }
    }
    return Long.parseUnsignedLong(text, 2, text.length(), 16);
  }

  private int stackNumber(String location) throws IOException {
    Integer known = stackOfLocation.get(location);
    if (known != null) {
      return known;
    }
    MtraceLocation code = MtraceLocation.parse(location);
    List<FrameKey> keys = code.keys();
    List<Frame> frames = code.frames(symbolizer);
    StackId id = hasher.hash(keys);
    int before = lane.stackCount();
    int number = lane.stackNumber(id);
    if (number == before) {
      lane.stack(new CallStack(id.toHash(), TraceTree.quality(frames), frames));
    }
    stackOfLocation.put(location, number);
    return number;
  }
}
