package io.unfreed.query;

import io.unfreed.collector.capture.RecordingException;
import io.unfreed.schemas.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Suppressions as LeakSanitizer takes them: lines {@code leak:PATTERN}, each found anywhere in the
 * function, source file or module of any frame; {@code *} stands for anything, {@code ^} and {@code
 * $} for the ends.
 */
public final class Suppressions {
  /** Nothing is suppressed. */
  public static final Suppressions NONE = new Suppressions(List.of(), new HashSet<>());

  private static final String KIND = "leak:";
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private record Line(String text, NamePattern pattern) {}

  private final List<Line> lines;
  private final Set<Line> used;

  private Suppressions(List<Line> lines, Set<Line> used) {
    this.lines = lines;
    this.used = used;
  }

  /**
   * No suppressions for a null file.
   *
   * @throws UsageException if the file cannot be read, or has a line that is no suppression
   */
  public static Suppressions read(Path file) {
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String line : file == null ? List.<String>of() : readLines(file)) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      if (!text.startsWith(KIND) || text.length() == KIND.length()) {
        throw new UsageException(file + ":" + number + ": not of the form leak:PATTERN: " + text);
      }
      lines.add(new Line(text, new NamePattern(text.substring(KIND.length()))));
    }
    return new Suppressions(lines, new HashSet<>());
  }

  /** Also of files from Windows, and of those in another encoding as far as they are ASCII. */
  private static List<String> readLines(Path file) {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      return (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).lines().toList();
    } catch (IOException e) {
      throw new UsageException(RecordingException.of(file, "cannot read", e).getMessage());
    }
  }

  /** The same, and what came with a recording; lines of other kinds are not for us. */
  public Suppressions with(List<String> embedded) {
    if (embedded.isEmpty()) {
      return this;
    }
    List<Line> all = new ArrayList<>(lines);
    for (String text : embedded) {
      if (text.startsWith(KIND) && text.length() > KIND.length()) {
        all.add(new Line(text, new NamePattern(text.substring(KIND.length()))));
      }
    }
    // What is nobody's own is shared by all who print: it must not grow.
    return new Suppressions(all, lines.isEmpty() ? new HashSet<>() : used);
  }

  /** Whether nothing is suppressed. */
  public boolean isEmpty() {
    return lines.isEmpty();
  }

  /** Whether a stack is suppressed; null frames are not known. */
  public boolean matches(List<Frame> frames) {
    boolean matches = false;
    for (Line line : frames == null ? List.<Line>of() : lines) {
      if (frames.stream().flatMap(Suppressions::words).anyMatch(line.pattern::isFoundIn)) {
        used.add(line);
        matches = true;
      }
    }
    return matches;
  }

  /** Lines that matched nothing. */
  public List<String> unused() {
    return lines.stream().filter(line -> !used.contains(line)).map(Line::text).toList();
  }

  private static Stream<String> words(Frame frame) {
    return Stream.of(frame.getSymbol(), frame.getFile(), frame.getModule())
        .filter(word -> word != null);
  }
}
