package io.unfreed.server.answer;

import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.collector.importer.ImportResult;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.importer.Recordings;
import io.unfreed.query.FailedException;
import io.unfreed.query.LedgerPipeline;
import io.unfreed.query.LedgerSink;
import io.unfreed.schemas.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Recordings in files, which may still grow. */
public final class FileArchive implements Archive {
  /** Hears what is wrong with a file. */
  public interface Notes {
    void of(Path file, ImportResult result);
  }

  private static final int CHECKPOINTS_PART = 4;

  private record FileState(long bytes, FileTime time) {}

  private final List<Path> files;
  private final List<Recording> recordings = new ArrayList<>();
  private final Notes notes;
  private final AnswerLimits limits;

  /**
   * Recognises files.
   *
   * @param notes is told after each reading
   * @param patience so long a reading may take
   */
  public FileArchive(List<Path> files, ImportOptions options, Notes notes, Duration patience)
      throws IOException {
    this(files, options, notes, AnswerLimits.ofTime(patience));
  }

  /** The same; memory is limited, too. */
  public FileArchive(List<Path> files, ImportOptions options, Notes notes, AnswerLimits limits)
      throws IOException {
    this.files = List.copyOf(files);
    this.notes = notes;
    this.limits = limits;
    for (Path file : files) {
      recordings.add(Recordings.open(file, options));
    }
  }

  @Override
  public boolean hasBlocks() throws IOException {
    for (Recording recording : recordings) {
      if (!recording.isTrace()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean hasTraces() throws IOException {
    for (Recording recording : recordings) {
      if (recording.isTrace()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public List<Session> sessions() {
    return null;
  }

  @Override
  public void copyTo(String session, LedgerSink ledger) throws IOException {
    copy(ledger, false);
  }

  @Override
  public void copyTraces(String session, LedgerSink ledger) throws IOException {
    copy(ledger, true);
  }

  private void copy(LedgerSink ledger, boolean onlyTraces) throws IOException {
    ledger.beforeEachBatch(limits.watch(ledger));
    try (LedgerPipeline pipeline = new LedgerPipeline(ledger)) {
      for (int i = 0; i < files.size(); i++) {
        if (onlyTraces && !recordings.get(i).isTrace()) {
          continue;
        }
        ImportResult result = recordings.get(i).copyTo(pipeline);
        if (result.isNothing()) {
          throw new FailedException(result.damage().line());
        }
        notes.of(files.get(i), result);
      }
    }
  }

  /** A quarter of what an answer may take. */
  @Override
  public long checkpointBytes() {
    return recordings.size() == 1 && recordings.getFirst().hasPlaces()
        ? limits.mostBytes() / CHECKPOINTS_PART
        : 0;
  }

  @Override
  public void copyFrom(long offset, LedgerSink ledger, BooleanSupplier isEnough)
      throws IOException {
    ledger.beforeEachBatch(limits.watch(ledger));
    try (LedgerPipeline pipeline = new LedgerPipeline(ledger)) {
      recordings.getFirst().copyFrom(offset, pipeline, isEnough);
    }
  }

  @Override
  public Object version() {
    List<FileState> states = new ArrayList<>();
    for (Path file : files) {
      try {
        states.add(new FileState(Files.size(file), Files.getLastModifiedTime(file)));
      } catch (IOException e) {
        states.add(null); // reading it says why
      }
    }
    return states;
  }
}
