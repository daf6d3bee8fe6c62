package io.unfreed.server.answer;

import io.unfreed.query.AskedBlocks;
import io.unfreed.query.AskedMoment;
import io.unfreed.query.GroupBy;
import io.unfreed.query.MomentText;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;
import java.util.Objects;

/**
 * A question about recordings.
 *
 * @param session id or its beginning; null for what a command takes that was told none
 * @param moment which moment
 * @param blocks which blocks
 * @param tgid which process; null for all
 */
public record Asked(String session, AskedMoment moment, AskedBlocks blocks, Integer tgid) {
  /** What of it the events have to be read for: questions that share it share a reading. */
  record Key(
      String session,
      AskedMoment moment,
      String born,
      String freed,
      String dimension,
      boolean ofBlocks,
      boolean withShapes,
      Object version) {
    Key ofSession(String other) {
      return new Key(other, moment, born, freed, dimension, ofBlocks, withShapes, version);
    }

    /** Whether reports of the other's moment come out of this, too. */
    boolean hasReportsOf(Key other) {
      return Objects.equals(session, other.session)
          && moment.equals(other.moment)
          && version.equals(other.version);
    }
  }

  Key key(boolean ofBlocks, boolean withShapes, Object version) {
    GroupBy groups = blocks.groups();
    boolean byFreeStack = groups.kind() == GroupBy.Kind.FREE_STACK;
    return new Key(
        session,
        moment,
        blocks.born(),
        blocks.freed(),
        groups.dimension() + (byFreeStack ? " of freed" : ""),
        ofBlocks,
        withShapes,
        version);
  }

  /** Whether it is about a session as it is, and no blocks are chosen but by their stacks. */
  boolean isNow() {
    return moment.at() == null
        && moment.olderNanos() == 0
        && moment.sizes().isAll()
        && moment.intervalNanos() == null
        && blocks.born() == null
        && blocks.freed() == null
        && blocks.groupBy() == null;
  }

  boolean hasMark() {
    return moment.hasMark() || blocks.hasMark();
  }

  ReportQuery of(Session one, MomentText.MarkTimes marks, boolean ofBlocks) {
    ReportQuery query = moment.forSession(one, marks);
    return ofBlocks ? blocks.always(one, query, marks) : query;
  }

  boolean matches(String sessionId) {
    return session == null || sessionId.startsWith(session);
  }

  /** The reports of the process asked for; all without one. */
  public List<IncarnationReport> ofTgid(List<IncarnationReport> reports) {
    return tgid == null
        ? reports
        : reports.stream().filter(report -> tgid.equals(report.process().getTgid())).toList();
  }
}
