package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.FileNames;
import io.unfreed.cli.option.BlockOptions;
import io.unfreed.cli.option.ByteSizes;
import io.unfreed.cli.option.FilterOptions;
import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.ListOptions;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.query.AskedMoment;
import io.unfreed.query.BlockDiff;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.FailedException;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.UsageException;
import io.unfreed.query.WindowText;
import io.unfreed.render.DiffJson;
import io.unfreed.render.DiffReport;
import io.unfreed.render.DiffText;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Compares what is outstanding at two moments, or in two recordings. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class DiffCommand implements Callable<Integer> {
  private static final String GROWTH = "growth:";

  @Parameters(
      paramLabel = "X",
      arity = "1..2",
      description = {
        "Two recordings, or one with --at A..B.",
        "With a broker: ids of sessions, or their beginnings."
      })
  private List<String> recordings = new ArrayList<>();

  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--at",
      paramLabel = "A..B",
      description = {
        "The moments to compare: of one recording, or A of the first and B of the second; either",
        "may be left out for the end. RFC 3339, +D after the start, or the name of a mark."
      })
  private String at;

  @Mixin private FilterOptions filter;

  @Mixin private BlockOptions blocks;

  @Option(
      names = "--per",
      paramLabel = "second|allocation",
      description = "Also say the growth per second of recorded time or per allocation.")
  private Per per;

  @Option(
      names = "--fail-on",
      paramLabel = "growth:B",
      description = "Exit with 4 when more than B bytes, or with --per bytes per such, were added.")
  private String failOn;

  @Mixin private ListOptions output;
  @Mixin private ImportOptionsMixin importing;

  /** Divisors. */
  enum Per {
    second,
    allocation
  }

  /** What was read for one side. */
  private record Read(Session session, List<ChosenBlocks> processes, LedgerSink ledger) {
    DiffReport.Side side() {
      return new DiffReport.Side(session, processes);
    }

    BlockDiff.Side blocks() {
      return new BlockDiff.Side(processes, ledger.stacks());
    }
  }

  @Override
  public Integer call() throws IOException {
    filter.check();
    output.check();
    blocks.check();
    WindowText moments = WindowText.of("--at", at);
    if (moments != null) {
      moments.check();
    }
    if (recordings.size() > 2) {
      throw new UsageException("diff of " + recordings.size() + " recordings? It takes two");
    }
    if (recordings.size() == 1 && moments == null) {
      throw new UsageException("diff of one recording with what? Give a second, or --at A..B");
    }
    Long limit = limit();
    Read before;
    Read after;
    if (kafka.isGiven()) {
      try (KafkaOptions.Brokers brokers = kafka.openToRead()) {
        before = read(brokers.client(), recordings.getFirst(), moments, true);
        after = read(brokers.client(), recordings.getLast(), moments, false);
      }
    } else {
      before = read(null, recordings.getFirst(), moments, true);
      after = read(null, recordings.getLast(), moments, false);
    }
    DiffReport report =
        new DiffReport(
            before.side(),
            after.side(),
            blocks.groupBy(),
            divisor(),
            BlockDiff.of(before.blocks(), after.blocks()));
    if (output.isJson()) {
      DiffJson.print(System.out, report, output.top());
    } else {
      DiffText.print(System.out, report, output.top());
    }
    return verdict(report, limit);
  }

  private Read read(
      Map<String, Object> broker, String recording, WindowText moments, boolean isFirst)
      throws IOException {
    MomentText moment = moments == null ? null : isFirst ? moments.from() : moments.to();
    List<Path> files = broker == null ? List.of(FileNames.of(recording)) : List.of();
    SessionOption session = SessionOption.of(broker == null ? null : recording);
    LedgerSink ledger =
        new Asking(files, broker, session, importing)
            .answer(
                (moment != null && moment.isMark()) || blocks.hasMark(),
                (one, marks) -> blocks.always(one, query(one, moment, marks), marks));
    if (ledger.sessions().size() != 1) {
      throw new UsageException(
          recording + ": " + ledger.sessions().size() + " sessions, a comparison takes one");
    }
    Session one = ledger.sessions().values().iterator().next();
    LedgerRun run = ledger.run(one.getSessionId());
    List<ChosenBlocks> processes = new ArrayList<>();
    for (IncarnationReport report : filter.ofPid(run.finish())) {
      processes.add(blocks.chosen(run, report, ledger.stacks()));
    }
    filter.checkPid(!processes.isEmpty(), recording);
    SessionNotes.print(run, one, System.err);
    return new Read(one, processes, ledger);
  }

  private ReportQuery query(Session session, MomentText moment, MomentText.MarkTimes marks) {
    if (!session.getTimed()) {
      AskedMoment.refuseUntimed("--at", moment != null);
      AskedMoment.refuseUntimed("--older", filter.olderNanos() > 0);
      AskedMoment.refuseUntimed("--per second", per == Per.second);
    }
    return new ReportQuery(
        filter.sizes(),
        filter.olderNanos(),
        moment == null ? null : (Long) moment.nanos(session, marks),
        null);
  }

  private DiffReport.Per divisor() {
    return switch (per) {
      case null -> DiffReport.Per.NOTHING;
      case second -> DiffReport.Per.SECOND;
      case allocation -> DiffReport.Per.ALLOCATION;
    };
  }

  /** Bytes that may be added; null when it does not matter. */
  private Long limit() {
    if (failOn == null) {
      return null;
    }
    if (!failOn.startsWith(GROWTH)) {
      throw new UsageException("--fail-on " + failOn + ": write it growth:B");
    }
    try {
      return new ByteSizes().convert(failOn.substring(GROWTH.length()));
    } catch (TypeConversionException e) {
      throw new UsageException("--fail-on " + failOn + ": " + e.getMessage());
    }
  }

  private static int verdict(DiffReport report, Long limit) {
    if (limit == null) {
      return ExitCodes.OK;
    }
    Double growth = report.growth(report.diff().before().bytes(), report.diff().after().bytes());
    if (growth == null) {
      throw new FailedException("--fail-on: nothing passed that growth could be divided by");
    }
    if (growth <= limit) {
      return ExitCodes.OK;
    }
    System.err.println(
        String.format(Locale.ROOT, "unfreed: --fail-on growth:%d: it is %.3f", limit, growth));
    return ExitCodes.CONDITION_MET;
  }
}
