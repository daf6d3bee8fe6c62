package io.unfreed.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Evidence;
import io.unfreed.streams.verdict.Sentence;
import io.unfreed.streams.verdict.Verdict;
import java.io.IOException;

/** Verdicts as JSON (docs/contract.md, section 7). */
final class JsonVerdicts {
  private JsonVerdicts() {}

  static void write(JsonGenerator json, IncarnationReport report, StackNumbers stack)
      throws IOException {
    Verdict verdict = stack.verdict();
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
    json.writeNullField("limitBytes");
    json.writeNullField("timeToLimitNanos");
    json.writeStringField("evidence", Sentence.of(verdict, isTimed));
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
