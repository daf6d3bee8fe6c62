package io.unfreed.streams.lane;

/** What has counts; they can be read as if they were its own. */
public interface Counted {
  /** The counts. */
  Counts counts();

  default long allocations() {
    return counts().allocations();
  }

  default long frees() {
    return counts().frees();
  }

  default long superseded() {
    return counts().superseded();
  }

  default long closedByExec() {
    return counts().closedByExec();
  }

  default long allocatedBytes() {
    return counts().allocatedBytes();
  }

  default long outstandingBytes() {
    return counts().outstandingBytes();
  }

  default long outstandingCount() {
    return counts().outstandingCount();
  }

  default long certainBytes() {
    return counts().certainBytes();
  }
}
