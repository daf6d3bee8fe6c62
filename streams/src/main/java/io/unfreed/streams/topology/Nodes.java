package io.unfreed.streams.topology;

/** Names of nodes and stores. */
final class Nodes {
  static final String EVENTS = "events";
  static final String LEDGERS = "ledgers";
  static final String LEDGER_UPDATE = "ledger-update";
  static final String MATCH = "match";
  static final String STATEMENTS_OUT = "statements-out";
  static final String SNAPSHOTS_OUT = "snapshots-out";
  static final String DEAD_LETTERS = "dead-letters";
  static final String STATEMENTS_IN = "statements-in";
  static final String REPORT = "report";
  static final String REPORT_STORE = "reports";
  static final String REPORTS_OUT = "reports-out";
  static final String OUTSTANDING_OUT = "outstanding-out";

  static final String HISTOGRAMS = "histograms";
  static final String WINDOW = "window";
  static final String WINDOW_STORE = "windows";
  static final String WINDOWS_OUT = "windows-out";

  /** Of its own: a sink for both would make one part of what has nothing in common. */
  static final String WINDOW_DEAD_LETTERS = "window-dead-letters";

  private Nodes() {}
}
