package io.unfreed.query;

import java.util.List;

/**
 * A part of a name, with * for anything, ^ for its beginning and $ for its end. Found piece by
 * piece, the first that comes: no pattern takes longer than its pieces times the name.
 */
final class NamePattern {
  private final boolean fromBeginning;
  private final boolean toEnd;
  private final List<String> pieces;

  NamePattern(String text) {
    fromBeginning = text.startsWith("^");
    String rest = fromBeginning ? text.substring(1) : text;
    toEnd = rest.endsWith("$") && text.length() > 1;
    rest = toEnd ? rest.substring(0, rest.length() - 1) : rest;
    pieces = List.of(rest.split("\\*", -1));
  }

  /** Whether a name has it. */
  boolean isFoundIn(String name) {
    int last = pieces.size() - 1;
    if (last == 0 && fromBeginning && toEnd) {
      return name.equals(pieces.getFirst());
    }
    int at = 0;
    for (int i = 0; i <= last; i++) {
      String piece = pieces.get(i);
      int found;
      if (i == 0 && fromBeginning) {
        found = name.startsWith(piece) ? 0 : -1;
      } else if (i == last && toEnd) {
        found = name.endsWith(piece) ? name.length() - piece.length() : -1;
      } else {
        found = name.indexOf(piece, at);
      }
      if (found < at) {
        return false;
      }
      at = found + piece.length();
    }
    return true;
  }
}
