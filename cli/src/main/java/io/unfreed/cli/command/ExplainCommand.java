package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.query.ExplainedStacks;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.NamedMoments;
import io.unfreed.query.UsageException;
import io.unfreed.render.ExplainJson;
import io.unfreed.render.ExplainText;
import io.unfreed.render.Explanation;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.explain.SurveyQuestion;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks into a leak, or into any stack: reads the events again and looks at its blocks. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class ExplainCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "[FILE] [LEAK|STACK]",
      arity = "0..*",
      description = {
        "A capture or heaptrack file, none with a broker; then the number of a leak, fastest first",
        "(default: 1), the beginning of a stack's id, or a part of a function's name."
      })
  private List<Path> words = new ArrayList<>();

  @Mixin private KafkaOptions kafka;
  @Mixin private SessionOption session;
  @Mixin private QueryOptions query;

  @Option(
      names = "--format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Text for people or one line of JSON.")
  private OutputOptions.Format format;

  @Mixin private ImportOptionsMixin importing;

  /** One session and what of it is explained. */
  private record Found(Session session, ExplainedStacks stacks) {}

  @Override
  public Integer call() throws IOException {
    query.check(true);
    if (query.hasInterval()) {
      throw new UsageException("explain is about one moment: it does not take --interval");
    }
    boolean hasFile = !kafka.isGiven();
    if (hasFile && words.isEmpty()) {
      throw new UsageException("explain what? Give FILE, --bootstrap-servers or --data-dir");
    }
    List<Path> files = hasFile ? words.subList(0, 1) : List.of();
    if (words.size() > files.size() + 1) {
      throw new UsageException("explain one leak or stack of one FILE, or of a broker");
    }
    String name = words.size() > files.size() ? words.getLast().toString() : "1";
    if (hasFile) {
      explain(files, name, null);
    } else {
      try (KafkaOptions.Brokers brokers = kafka.openToRead()) {
        explain(files, name, brokers.client());
      }
    }
    return ExitCodes.OK;
  }

  private void explain(List<Path> files, String name, Map<String, Object> broker)
      throws IOException {
    Asking asking = new Asking(files, broker, session, importing);
    LedgerSink ledger = asking.answer(query.hasMark(), query::forSession);
    Found found = find(ledger, name);
    if (!found.session().getTimed()) {
      throw new UsageException("explain: an mtrace log records no times");
    }
    IncarnationReport report = found.stacks().report();
    SurveyQuestion question =
        new SurveyQuestion(
            LaneKey.incarnationKey(report.session(), report.incarnation()),
            found.stacks().stacks().stream().map(StackNumbers::key).collect(Collectors.toSet()),
            report.atNanos());
    // By its id: another one may have begun meanwhile.
    Asking same = new Asking(files, broker, SessionOption.of(report.session()), importing);
    LedgerSink again =
        same.again(
            (one, marks) -> query.forSession(one, marks).withSurvey(question),
            NamedMoments.of(ledger));
    LedgerRun run = again.run(report.session());
    run.finish();
    Explanation explanation = Explanation.of(found.session(), found.stacks(), run.survey());
    switch (format) {
      case text -> ExplainText.print(System.out, explanation, ledger.stacks());
      case json -> ExplainJson.print(System.out, explanation, ledger.stacks());
    }
  }

  private Found find(LedgerSink ledger, String name) {
    boolean hasProcess = false;
    Found first = null;
    int others = 0;
    for (Session one : ledger.sessions().values()) {
      for (IncarnationReport report : query.ofPid(ledger.run(one.getSessionId()).finish())) {
        hasProcess = true;
        ExplainedStacks stacks = ExplainedStacks.find(one, report, ledger.stacks(), name);
        if (stacks != null && first == null) {
          first = new Found(one, stacks);
        } else if (stacks != null) {
          others++;
        }
      }
    }
    query.checkPid(hasProcess);
    if (others > 0) {
      System.err.printf(
          "unfreed: %d more %s such stacks, too: --pid chooses one%n",
          others, others == 1 ? "process has" : "processes have");
    }
    if (first != null) {
      return first;
    }
    throw new UsageException(
        words.size() > (kafka.isGiven() ? 0 : 1)
            ? name + ": no such leak, and no stack with outstanding blocks has this id or function"
            : "nothing is called leaking there: name a stack by its id or a function");
  }
}
