package io.unfreed.server.answer;

import io.unfreed.query.AskedMoment;
import io.unfreed.query.ExplainedStacks;
import io.unfreed.query.StackBook;
import io.unfreed.query.UsageException;
import io.unfreed.render.Explanation;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.explain.SurveyQuestion;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.util.stream.Collectors;

/**
 * What was found out about a leak or a stack.
 *
 * @param stacks frames of all stacks
 */
public record Explained(Explanation explanation, StackBook stacks) {
  /** What is to be looked into. */
  record Found(Reading.OfSession of, ExplainedStacks stacks) {
    SurveyQuestion question() {
      IncarnationReport report = stacks.report();
      return new SurveyQuestion(
          LaneKey.incarnationKey(report.session(), report.incarnation()),
          stacks.stacks().stream().map(StackNumbers::key).collect(Collectors.toSet()),
          report.atNanos());
    }
  }

  static Found find(Reading reading, Asked asked, String name) {
    for (Reading.OfSession one : reading.sessions()) {
      for (IncarnationReport report : asked.ofTgid(one.reports())) {
        ExplainedStacks stacks =
            ExplainedStacks.find(one.session(), report, reading.stacks(), name);
        if (stacks != null) {
          AskedMoment.refuseUntimed("explain", !one.session().getTimed());
          return new Found(one, stacks);
        }
      }
    }
    throw new UsageException(
        name + ": no such leak, and no stack with outstanding blocks has this id or function");
  }
}
