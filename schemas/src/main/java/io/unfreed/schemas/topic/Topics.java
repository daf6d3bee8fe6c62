package io.unfreed.schemas.topic;

import java.util.List;

/** Names of the topics and how each is kept. */
public enum Topics {
  /** Session id to Session. */
  SESSIONS("unfreed.sessions", Cleanup.COMPACT),
  /** Stack id + '/' + quality to CallStack. */
  STACKS("unfreed.stacks", Cleanup.COMPACT),
  /** session/incarnation/lane to EventBatch; retention is the user's choice. */
  EVENTS("unfreed.events", Cleanup.DELETE),
  /** session/incarnation/stackId/space to StackState. */
  OUTSTANDING("unfreed.outstanding", Cleanup.COMPACT),
  /** session/incarnation to LeakReport. */
  REPORTS("unfreed.reports", Cleanup.DELETE),
  /** Undecodable records as received; reason and origin in headers. */
  DEAD_LETTERS("unfreed.dead-letters", Cleanup.DELETE),
  /**
   * Between the stages of the topology: session/incarnation to LaneTick. Nobody else's business.
   */
  STATEMENTS("unfreed.statements", Cleanup.DELETE),
  /**
   * The state of the topology's ledgers, by partition of the events, for instances that have none
   * on disk. Nobody else's business.
   */
  SNAPSHOTS("unfreed.snapshots", Cleanup.COMPACT),
  /** Fingerprint of a schema to its text: what the writers of records here write. */
  SCHEMAS("unfreed.schemas", Cleanup.COMPACT),
  /** session/incarnation/probe to TraceStatement: what tracers counted, at every tick. */
  HISTOGRAMS("unfreed.histograms", Cleanup.DELETE),
  /** session/incarnation/probe to TraceWindow: what was counted between two ticks. */
  WINDOWS("unfreed.windows", Cleanup.DELETE);

  /** How a topic forgets. */
  public enum Cleanup {
    COMPACT,
    DELETE;

    /** The value of Kafka's {@code cleanup.policy}. */
    public String policy() {
      return this == COMPACT ? "compact" : "delete";
    }
  }

  private final String topicName;
  private final Cleanup cleanup;

  Topics(String topicName, Cleanup cleanup) {
    this.topicName = topicName;
    this.cleanup = cleanup;
  }

  /** Name of the topic in Kafka. */
  public String topicName() {
    return topicName;
  }

  /** How the topic forgets. */
  public Cleanup cleanup() {
    return cleanup;
  }

  /** All topics in the order they are created. */
  public static List<Topics> all() {
    return List.of(values());
  }
}
