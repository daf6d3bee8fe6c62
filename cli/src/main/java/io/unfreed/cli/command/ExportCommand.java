package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.BlockOptions;
import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.cli.serve.BrokerArchive;
import io.unfreed.collector.importer.ImportResult;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.FailedException;
import io.unfreed.query.GroupBy;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.UsageException;
import io.unfreed.render.export.DhatExporter;
import io.unfreed.render.export.ExportedHistory;
import io.unfreed.render.export.ExportedStack;
import io.unfreed.render.export.Exporter;
import io.unfreed.render.export.FirefoxExporter;
import io.unfreed.render.export.FoldedExporter;
import io.unfreed.render.export.HeaptrackExporter;
import io.unfreed.render.export.HistoryExporter;
import io.unfreed.render.export.PprofExporter;
import io.unfreed.render.export.SpeedscopeExporter;
import io.unfreed.schemas.Session;
import io.unfreed.server.answer.Archive;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.FileArchive;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.api.CaseFile;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes an answer of {@code report} in the format of another tool. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class ExportCommand implements Callable<Integer> {
  /** Formats that can be written. */
  enum Format {
    pprof(new PprofExporter()),
    folded(new FoldedExporter()),
    speedscope(new SpeedscopeExporter()),
    dhat(new DhatExporter()),
    firefox(new FirefoxExporter()),
    heaptrack(new HeaptrackExporter()),
    /** The page with the answer in it. */
    html((Exporter) null);

    /** Of sums; null where blocks are written one by one, and for the page. */
    private final Exporter exporter;

    /** Of blocks one by one; null for the others. */
    private final HistoryExporter history;

    Format(Exporter exporter) {
      this.exporter = exporter;
      this.history = null;
    }

    Format(HistoryExporter history) {
      this.exporter = null;
      this.history = history;
    }
  }

  private static final Duration NO_HURRY = Duration.ofDays(365);

  private final Set<Path> told = new HashSet<>();

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Captures, heaptrack files or mtrace logs of one session.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--as",
      paramLabel = "FORMAT",
      required = true,
      description = {
        "pprof, folded, speedscope; dhat, firefox, heaptrack: blocks as they come and go;",
        "html: the page with the answer in it, one file."
      })
  private Format format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "The file to write.")
  private Path output;

  @Option(names = "--force", description = "Overwrite OUT.")
  private boolean force;

  @Mixin private KafkaOptions kafka;
  @Mixin private SessionOption session;
  @Mixin private QueryOptions query;
  @Mixin private BlockOptions blocks;
  @Mixin private ImportOptionsMixin importing;

  @Override
  public Integer call() throws IOException {
    query.check(true);
    blocks.check(query);
    if (query.hasInterval() || blocks.groupBy().kind() != GroupBy.Kind.STACK) {
      throw new UsageException(
          "export writes one moment by stack: it takes neither --interval nor --group-by");
    }
    Asking.checkSource("export", files, kafka);
    ResultFile file = new ResultFile(output, force);
    file.check();
    if (files.isEmpty()) {
      try (KafkaOptions.Brokers brokers = kafka.openToRead()) {
        write(brokers.client(), file);
      }
    } else {
      write(null, file);
    }
    return ExitCodes.OK;
  }

  private void write(Map<String, Object> broker, ResultFile file) throws IOException {
    if (format == Format.html) {
      writePage(broker, file);
      return;
    }
    if (format.history != null) {
      writeHistory(broker, file);
      return;
    }
    LedgerSink ledger = read(broker, blocks::always);
    Session one = only(ledger);
    LedgerRun run = ledger.run(one.getSessionId());
    List<ExportedStack> stacks = new ArrayList<>();
    List<IncarnationReport> reports = reports(run);
    for (IncarnationReport report : reports) {
      ChosenBlocks chosen =
          ChosenBlocks.whole(
              run.question(),
              GroupBy.STACK,
              blocks.filter(),
              report,
              run.chosen(report),
              ledger.stacks());
      stacks.addAll(ExportedStack.of(chosen, ledger.stacks()));
    }
    boolean ofFreed = run.question().freed() != null;
    file.write(out -> format.exporter.write(one, stacks, ofFreed, out));
    SessionNotes.print(run, one, System.err);
  }

  /** What is asked of blocks beside the moment. */
  private interface Question {
    ReportQuery of(Session session, ReportQuery moment, MomentText.MarkTimes marks);
  }

  private LedgerSink read(Map<String, Object> broker, Question question) throws IOException {
    return new Asking(files, broker, session, importing)
        .answer(
            query.hasMark() || blocks.hasMark(),
            (one, marks) -> question.of(one, query.forSession(one, marks), marks));
  }

  private static Session only(LedgerSink ledger) {
    if (ledger.sessions().size() != 1) {
      throw new UsageException(
          ledger.sessions().size() + " sessions: export one of them, with --session");
    }
    return ledger.sessions().values().iterator().next();
  }

  private List<IncarnationReport> reports(LedgerRun run) {
    List<IncarnationReport> reports = query.ofPid(run.finish());
    query.checkPid(!reports.isEmpty());
    return reports;
  }

  /** Blocks as they come and go: those born when asked, up to the moment. */
  private void writeHistory(Map<String, Object> broker, ResultFile file) throws IOException {
    if (query.hasAge() || blocks.hasFreed()) {
      throw new UsageException(
          "--as " + format + ": blocks as they come and go; it takes neither --older nor --freed");
    }
    LedgerSink ledger = read(broker, blocks::history);
    Session one = only(ledger);
    LedgerRun run = ledger.run(one.getSessionId());
    List<ExportedHistory> processes = new ArrayList<>();
    long moves = 0;
    for (IncarnationReport report : reports(run)) {
      ExportedHistory process =
          new ExportedHistory(report, run.history(report), blocks.filter(), ledger.stacks());
      moves += process.moves();
      processes.add(process);
    }
    if (processes.isEmpty() && format.history.mostProcesses() == 1) {
      throw new FailedException(
          "no process is in what was recorded: --as " + format + " holds one");
    }
    if (processes.size() > format.history.mostProcesses()) {
      throw new UsageException(
          processes.size() + " processes: --as " + format + " holds one, choose it with --pid");
    }
    if (moves > format.history.mostMoves()) {
      throw new UsageException(
          "%d events: --as %s takes at most %d, ask for blocks of a shorter time with --born A..B"
              .formatted(moves, format, format.history.mostMoves()));
    }
    file.write(out -> format.history.write(one, processes, out));
    SessionNotes.print(run, one, System.err);
  }

  private void writePage(Map<String, Object> broker, ResultFile file) throws IOException {
    if (broker == null) {
      writePage(new FileArchive(files, importing.options(), this::tell, NO_HURRY), file);
      importing.printNotes();
    } else {
      try (BrokerArchive archive = new BrokerArchive(broker)) {
        writePage(archive, file);
      }
    }
  }

  private void writePage(Archive archive, ResultFile file) {
    CaseFile page =
        new CaseFile(
            new Readings(archive),
            new Asked(session.id(), query.asked(), blocks.asked(), query.pid()));
    file.write(page::write);
  }

  private void tell(Path recording, ImportResult result) {
    if (told.add(recording)) {
      FileNotes.print(recording, result, System.err);
    }
  }
}
