package io.unfreed.collector.capture;

import java.nio.file.Path;

/** Adds up what of a file could not be used. The first place is the one that is told. */
final class DamageTally {
  private long firstOffset = -1;
  private String firstWhat;
  private long unusableBytes;
  private int places;

  void add(long offset, long bytes, String what) {
    if (places++ == 0) {
      firstOffset = offset;
      firstWhat = what;
    }
    unusableBytes += bytes;
  }

  /** Adds what another tally found. */
  void addAll(DamageTally other) {
    if (other.places > 0) {
      if (places == 0 || other.firstOffset < firstOffset) {
        firstOffset = other.firstOffset;
        firstWhat = other.firstWhat;
      }
      places += other.places;
      unusableBytes += other.unusableBytes;
    }
  }

  /** Null when nothing was added. */
  Damage damage(Path file, String kept, boolean nothingKept) {
    if (places == 0) {
      return null;
    }
    String what =
        places == 1 ? firstWhat : firstWhat + " (and " + (places - 1) + " more places behind it)";
    return new Damage(file, firstOffset, unusableBytes, what, kept, nothingKept);
  }
}
