package io.unfreed.bpf.ring;

import java.util.Optional;

/** Why a stack is not whole; in the order of enum unfreed_incomplete, which counts from 1. */
public enum Incomplete {
  NO_MAPPING("an address outside any code"),
  NO_TABLE("code without call frame information"),
  NO_RULE("a place without a rule"),
  READ_FAULT("unreadable memory"),
  TOO_DEEP("more than 127 frames"),
  MAPPINGS_BUSY("mappings being changed");

  private static final Incomplete[] ALL = values();

  private final String text;

  Incomplete(String text) {
    this.text = text;
  }

  static Optional<Incomplete> of(int why) {
    return why >= 1 && why <= ALL.length ? Optional.of(ALL[why - 1]) : Optional.empty();
  }

  /** In a few words, for a user. */
  public String text() {
    return text;
  }
}
