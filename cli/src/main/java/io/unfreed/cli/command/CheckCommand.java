package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.ByteSizes;
import io.unfreed.cli.option.FailOn;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.ReportedLeak;
import io.unfreed.query.StackBook;
import io.unfreed.query.Suppressions;
import io.unfreed.query.UsageException;
import io.unfreed.render.FailedProcess;
import io.unfreed.render.Hidden;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Fails when a recording leaks; for continuous integration. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class CheckCommand implements Callable<Integer> {
  @Mixin private LedgerSource source;
  @Mixin private QueryOptions query;

  @Option(
      names = "--fail-on",
      paramLabel = "leaking[:CONFIDENCE]",
      defaultValue = "leaking",
      converter = FailOn.Form.class,
      description = "Fail on leaks that are at least so sure (default: ${DEFAULT-VALUE}).")
  private FailOn failOn;

  @Option(
      names = "--max-outstanding",
      paramLabel = "BYTES",
      converter = ByteSizes.class,
      description = "Fail too when more than this is outstanding in a process.")
  private Long mostBytes;

  @Option(
      names = "--suppressions",
      paramLabel = "FILE",
      description = {
        "Lines leak:PATTERN as LeakSanitizer takes them; those of a heaptrack file count, too."
      })
  private Path suppressionFile;

  private final Unjudged unjudged = new Unjudged();
  private boolean hasKernel;
  private int failures;
  private long hidden;

  @Override
  public Integer call() throws IOException {
    query.check(false);
    if (query.hasInterval()) {
      throw new UsageException("check is about one moment: it does not take --interval");
    }
    Suppressions suppressions = Suppressions.read(suppressionFile);
    LedgerSink ledger = source.read("check", query);
    boolean found = false;
    for (Session session : ledger.sessions().values()) {
      LedgerRun run = ledger.run(session.getSessionId());
      for (IncarnationReport report : query.ofPid(run.finish())) {
        found = true;
        Hidden suppressed = Hidden.of(session, report, ledger.stacks(), suppressions);
        hidden += suppressed.stacks().size();
        unjudged.add(report, suppressed::shows);
        hasKernel |= report.kernel();
        failures += check(session, report, ledger.stacks(), suppressed);
      }
      SessionNotes.print(run, session, System.err);
    }
    query.checkPid(found);
    unjudged.print(System.err);
    tell(suppressions, System.err);
    return failures > 0 ? ExitCodes.CONDITION_MET : ExitCodes.OK;
  }

  private int check(Session session, IncarnationReport report, StackBook book, Hidden suppressed) {
    FailedProcess failed = new FailedProcess(System.out, session, report, book);
    for (ReportedLeak leak : ReportedLeak.of(report, book, suppressed::shows)) {
      if (failOn.isMet(leak.verdict())) {
        failed.leak(leak);
      }
    }
    long counted = report.totals().outstandingBytes() - suppressed.bytes();
    if (mostBytes != null && !report.kernel() && counted > mostBytes) {
      failed.tooMuch(counted, mostBytes);
    }
    return failed.failures();
  }

  private void tell(Suppressions suppressions, PrintStream err) {
    if (mostBytes != null && hasKernel) {
      err.println("unfreed: --max-outstanding is not checked: the kernel's address spaces overlap");
    }
    if (hidden > 0) {
      err.printf("unfreed: %d stacks are suppressed%n", hidden);
    }
    for (String unused : suppressions.unused()) {
      err.printf("unfreed: %s: %s matches nothing%n", suppressionFile, unused);
    }
  }
}
