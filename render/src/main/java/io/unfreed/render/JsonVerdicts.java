package io.unfreed.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.ReportedLeak;
import io.unfreed.query.TimeToLimit;
import io.unfreed.query.WhoFrees;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Evidence;
import io.unfreed.streams.verdict.Verdict;
import java.io.IOException;
import java.util.List;

/** Verdicts as JSON (docs/contract.md, section 7). */
final class JsonVerdicts {
  private JsonVerdicts() {}

  /** Every leak, its stacks listed or not, fastest first. */
  static void writeLeaks(
      JsonGenerator json,
      IncarnationReport report,
      List<ReportedLeak> leaks,
      WhoFrees freeing,
      Long limitBytes)
      throws IOException {
    json.writeArrayFieldStart("leaks");
    for (ReportedLeak leak : leaks) {
      json.writeStartObject();
      json.writeStringField("frame", leak.frame() == null ? null : leak.frame().getSymbol());
      json.writeArrayFieldStart("stackIds");
      for (StackNumbers stack : leak.stacks()) {
        json.writeString(stack.key().stackId().toString());
      }
      json.writeEndArray();
      write(
          json,
          report,
          leak.verdict(),
          freeing.evidence(leak.verdict(), leak.stacks()),
          limitBytes);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void write(
      JsonGenerator json,
      IncarnationReport report,
      Verdict verdict,
      String evidence,
      Long limitBytes)
      throws IOException {
    if (verdict == null) {
      json.writeNullField("verdict");
      return;
    }
    boolean isTimed = report.atNanos() != null;
    Verdict.Growth growth = verdict instanceof Verdict.Leaking leaking ? leaking.growth() : null;
    Evidence.Age age = verdict.evidence().age();
    json.writeObjectFieldStart("verdict");
    json.writeStringField("class", verdict.kind());
    number(json, "confidence", verdict.confidence());
    number(json, "survivingBytesPerSecond", growth == null ? null : growth.bytesPerSecond());
    if (age == null || !isTimed) {
      json.writeNullField("ageOfNoReturnNanos");
    } else {
      json.writeNumberField("ageOfNoReturnNanos", age.units());
    }
    TimeToLimit left = TimeToLimit.of(report, verdict, limitBytes);
    if (limitBytes == null) {
      json.writeNullField("limitBytes");
    } else {
      json.writeNumberField("limitBytes", limitBytes);
    }
    if (left == null) {
      json.writeNullField("timeToLimitNanos");
    } else {
      json.writeArrayFieldStart("timeToLimitNanos");
      json.writeNumber(left.soonestNanos());
      json.writeNumber(left.latestNanos());
      json.writeEndArray();
    }
    json.writeStringField("evidence", evidence);
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, String name, Double value) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, value);
    }
  }
}
