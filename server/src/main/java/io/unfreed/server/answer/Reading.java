package io.unfreed.server.answer;

import io.unfreed.query.AskedBlocks;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.MomentText;
import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a pass over the events found out.
 *
 * @param sessions in the order in which they came
 * @param stacks frames of all of them
 */
public record Reading(List<OfSession> sessions, StackBook stacks) {
  private static final BlockQuestion EVERY_BLOCK =
      new BlockQuestion(Window.ALWAYS, null, SizeRange.ALL, 0, BlockQuestion.Dimension.NONE);

  /**
   * What is known of one session without its events.
   *
   * @param stacks every stack's numbers, by incarnation key
   */
  public static Reading ofState(
      Session session,
      List<IncarnationReport> reports,
      Map<String, ? extends Collection<StackNumbers>> stacks,
      Collection<Mark> marks,
      StackBook book) {
    Map<String, Map<BlockKey, BlockNumbers>> blocks = new HashMap<>();
    stacks.forEach((incarnation, all) -> {
      Map<BlockKey, BlockNumbers> numbers = new TreeMap<>(BlockKey.ORDER);
      for (StackNumbers one : all) {
        if (one.counts().allocations() > 0) {
          numbers.put(
              new BlockKey(one.key(), null, null),
              new BlockNumbers(one.counts(), 0, 0, one.ages().oldestTimeNanos()));
        }
      }
      blocks.put(incarnation, numbers);
    });
    OfSession of =
        new OfSession(session, reports, List.copyOf(marks), EVERY_BLOCK, blocks, null, null);
    return new Reading(List.of(of), book);
  }

  /** What of it is about the sessions asked for. */
  Reading only(Asked asked) {
    return new Reading(
        sessions.stream().filter(one -> asked.matches(one.session().getSessionId())).toList(),
        stacks);
  }

  /** Equal as long as it draws the same over time. */
  public Object timelineVersion() {
    return sessions.size() == 1 && sessions.getFirst().timeline() != null
        ? sessions.getFirst().timeline().version()
        : new Object();
  }

  /**
   * What it found out about a session.
   *
   * @param reports by time, then process
   * @param marks named moments
   * @param question which blocks were asked for; null when none were
   * @param chosen those blocks, by incarnation key
   * @param timeline null when a moment or blocks were asked for
   * @param shapes null unless asked for
   */
  public record OfSession(
      Session session,
      List<IncarnationReport> reports,
      List<Mark> marks,
      BlockQuestion question,
      Map<String, Map<BlockKey, BlockNumbers>> chosen,
      Timeline timeline,
      BlockShapes shapes) {
    /** The same with a timeline, and without blocks. */
    OfSession with(Timeline other) {
      return new OfSession(session, reports, marks, null, Map.of(), other, null);
    }

    /** When its marks are; of several with one name the first counts. */
    MomentText.MarkTimes markTimes() {
      return (id, label) ->
          marks.stream()
              .filter(mark -> mark.label().equals(label))
              .map(Mark::atNanos)
              .min(Comparator.naturalOrder())
              .orElse(null);
    }

    /** The blocks of one incarnation, grouped. */
    public ChosenBlocks chosen(AskedBlocks asked, IncarnationReport report, StackBook stacks) {
      return ChosenBlocks.of(
          question, asked.groups(), asked.filter(), report, blocks(report), stacks);
    }

    /** The same with every group that was allocated in, also those without a chosen block. */
    public ChosenBlocks whole(AskedBlocks asked, IncarnationReport report, StackBook stacks) {
      return ChosenBlocks.whole(
          question, asked.groups(), asked.filter(), report, blocks(report), stacks);
    }

    private Map<BlockKey, BlockNumbers> blocks(IncarnationReport report) {
      return chosen.getOrDefault(
          LaneKey.incarnationKey(report.session(), report.incarnation()), Map.of());
    }
  }
}
