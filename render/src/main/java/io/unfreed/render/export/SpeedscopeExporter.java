package io.unfreed.render.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.window.BlockNumbers;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * A file for speedscope: a profile of the chosen bytes, of the blocks, and of what was allocated.
 */
public final class SpeedscopeExporter implements Exporter {
  private static final String SCHEMA = "https://www.speedscope.app/file-format-schema.json";

  private record Shown(String name, String file, Integer line) {}

  @Override
  public void write(Session session, List<ExportedStack> stacks, boolean ofFreed, OutputStream out)
      throws IOException {
    Map<Shown, Integer> frames = new LinkedHashMap<>();
    for (ExportedStack stack : stacks) {
      stack.frames().forEach(frame -> frames.putIfAbsent(shown(frame), frames.size()));
    }
    String chosen = ofFreed ? "freed" : "outstanding";
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("$schema", SCHEMA);
      json.writeStringField("name", name(session));
      json.writeStringField("exporter", "unfreed@0.1.0");
      json.writeNumberField("activeProfileIndex", 0);
      writeFrames(json, frames);
      json.writeArrayFieldStart("profiles");
      writeProfile(json, chosen + " bytes", "bytes", stacks, frames, BlockNumbers::chosenBytes);
      writeProfile(json, chosen + " blocks", "none", stacks, frames, BlockNumbers::chosenCount);
      writeProfile(
          json, "allocated bytes", "bytes", stacks, frames, n -> n.counts().allocatedBytes());
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static String name(Session session) {
    return Printable.of(
        session.getCommand() == null ? session.getSessionId() : session.getCommand());
  }

  private static Shown shown(Frame frame) {
    String file = frame.getFile() == null ? null : Printable.of(frame.getFile());
    return new Shown(ExportedStack.name(frame), file, frame.getLine());
  }

  private static void writeFrames(JsonGenerator json, Map<Shown, Integer> frames)
      throws IOException {
    json.writeObjectFieldStart("shared");
    json.writeArrayFieldStart("frames");
    for (Shown frame : frames.keySet()) {
      json.writeStartObject();
      json.writeStringField("name", frame.name());
      if (frame.file() != null) {
        json.writeStringField("file", frame.file());
      }
      if (frame.line() != null) {
        json.writeNumberField("line", frame.line());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeProfile(
      JsonGenerator json,
      String name,
      String unit,
      List<ExportedStack> stacks,
      Map<Shown, Integer> frames,
      ToLongFunction<BlockNumbers> weight)
      throws IOException {
    List<ExportedStack> counted =
        stacks.stream().filter(stack -> weight.applyAsLong(stack.numbers()) > 0).toList();
    long sum = counted.stream().mapToLong(s -> weight.applyAsLong(s.numbers())).reduce(0, Sums::of);
    json.writeStartObject();
    json.writeStringField("type", "sampled");
    json.writeStringField("name", name);
    json.writeStringField("unit", unit);
    json.writeNumberField("startValue", 0);
    json.writeNumberField("endValue", sum);
    json.writeArrayFieldStart("samples");
    for (ExportedStack stack : counted) {
      json.writeStartArray();
      for (Frame frame : stack.frames().reversed()) {
        json.writeNumber(frames.get(shown(frame)));
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("weights");
    for (ExportedStack stack : counted) {
      json.writeNumber(weight.applyAsLong(stack.numbers()));
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
