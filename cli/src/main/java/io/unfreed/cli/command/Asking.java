package io.unfreed.cli.command;

import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.collector.importer.ImportResult;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.importer.Recordings;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.BrokerRecording;
import io.unfreed.query.LedgerPipeline;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.NamedMoments;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.ReportQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs ledgers over recorded events, of files or of a broker, to answer what was asked.
 *
 * @param files none for the broker's
 * @param broker what to connect to; null for files
 * @param session which sessions
 * @param importing how other tools' traces are read
 */
record Asking(
    List<Path> files,
    Map<String, Object> broker,
    SessionOption session,
    ImportOptionsMixin importing) {

  /** What is asked of a session. */
  interface Question {
    ReportQuery of(Session session, MomentText.MarkTimes marks);
  }

  /** Refuses both files and a broker, and neither. */
  static void checkSource(String command, List<Path> files, KafkaOptions kafka) {
    if (files.isEmpty() != kafka.isGiven()) {
      throw new UsageException(
          files.isEmpty()
              ? command + " what? Give FILE..., --bootstrap-servers or --data-dir"
              : "give either FILE... or a broker, not both");
    }
  }

  /** Reads the events, twice when the question names marks; refuses a trace, which has none. */
  LedgerSink answer(boolean namesMarks, Question question) throws IOException {
    LedgerSink ledger = answerAlsoOfTraces(namesMarks, question);
    ledger.refuseTraces();
    return ledger;
  }

  /** The same for who can tell traces, too. */
  LedgerSink answerAlsoOfTraces(boolean namesMarks, Question question) throws IOException {
    MomentText.MarkTimes marks = MomentText.MarkTimes.NONE;
    if (namesMarks) {
      LedgerSink first = new LedgerSink(one -> ReportQuery.WHOLE, session::matches);
      read(first, false);
      marks = NamedMoments.of(first);
    }
    MomentText.MarkTimes known = marks;
    LedgerSink ledger = new LedgerSink(one -> question.of(one, known), session::matches);
    read(ledger, true);
    if (ledger.undecodable() > 0) {
      System.err.println(
          "unfreed: " + ledger.undecodable() + " batches could not be decoded: counted as lost");
    }
    return ledger;
  }

  /** Reads the events once more, for a question that needs an answer to be asked. */
  LedgerSink again(Question question, MomentText.MarkTimes marks) throws IOException {
    LedgerSink ledger = new LedgerSink(one -> question.of(one, marks), session::matches);
    read(ledger, false);
    return ledger;
  }

  /** Reads all; says what is wrong with it when it is the last time. */
  private void read(LedgerSink ledger, boolean last) throws IOException {
    if (broker != null) {
      BrokerRecording.copy(broker, session.id(), ledger);
      return;
    }
    List<Recording> recordings = new ArrayList<>();
    for (Path file : files) {
      recordings.add(Recordings.open(file, importing.options()));
    }
    try (RecordingSink pipeline = ProgressSink.around(new LedgerPipeline(ledger), "reading")) {
      for (int i = 0; i < files.size(); i++) {
        ImportResult result = recordings.get(i).copyTo(pipeline);
        if (last) {
          FileNotes.print(files.get(i), result, System.err);
        }
      }
    }
    if (last) {
      importing.printNotes();
    }
    session.check(ledger.sessions().keySet());
  }
}
