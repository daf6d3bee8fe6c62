package io.unfreed.render.export;

import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of a processed profile that its threads share: columns of one length each. */
final class FirefoxTables {
  private static final int NONE = -1;
  private static final int LIBRARY = 1;

  private record Function(int name, int resource, int source) {}

  private record Place(long address, int function, int line, int inlineDepth) {}

  private record Node(int place, int caller) {}

  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final Map<String, Integer> libraries = new LinkedHashMap<>();
  private final Map<Integer, Integer> sources = new LinkedHashMap<>();
  private final Map<Function, Integer> functions = new LinkedHashMap<>();
  private final Map<Place, Integer> places = new LinkedHashMap<>();
  private final Map<Node, Integer> nodes = new LinkedHashMap<>();
  private final Map<StackId, Integer> stacks = new HashMap<>();

  /** Index of a stack. */
  int stack(StackId id, ExportedHistory process) {
    Integer known = stacks.get(id);
    if (known == null) {
      known = add(process.frames(id));
      stacks.put(id, known);
    }
    return known;
  }

  private int add(List<Frame> frames) {
    int caller = NONE;
    int depth = 0;
    for (Frame frame : frames.reversed()) {
      // The outermost function of an address comes first, what is inlined into it behind.
      depth = frame.getInlined() ? depth + 1 : 0;
      caller = number(nodes, new Node(number(places, place(frame, depth)), caller));
    }
    return caller;
  }

  private Place place(Frame frame, int inlineDepth) {
    int source =
        frame.getFile() == null
            ? NONE
            : number(sources, number(texts, Printable.of(frame.getFile())));
    int resource =
        frame.getModule() == null ? NONE : number(libraries, Printable.of(frame.getModule()));
    int function =
        number(functions, new Function(number(texts, ExportedStack.name(frame)), resource, source));
    return new Place(
        frame.getAddress() == null ? NONE : frame.getAddress(),
        function,
        frame.getLine() == null ? 0 : frame.getLine(),
        inlineDepth);
  }

  private static <T> int number(Map<T, Integer> numbers, T value) {
    Integer known = numbers.get(value);
    if (known == null) {
      known = numbers.size();
      numbers.put(value, known);
    }
    return known;
  }

  /** Writes {@code libs} and {@code shared}. */
  void write(JsonGenerator json) throws IOException {
    List<Integer> names = new ArrayList<>();
    libraries.keySet().forEach(path -> names.add(number(texts, fileName(path))));
    json.writeArrayFieldStart("libs");
    for (String path : libraries.keySet()) {
      json.writeStartObject();
      for (String field : List.of("name", "debugName")) {
        json.writeStringField(field, fileName(path));
      }
      for (String field : List.of("path", "debugPath")) {
        json.writeStringField(field, path);
      }
      json.writeStringField("arch", "x86_64");
      json.writeStringField("breakpadId", "");
      json.writeNullField("codeId");
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("shared");
    writeStacks(json);
    writeFrames(json);
    writeFunctions(json);
    writeResources(json, names);
    table(
        json,
        "nativeSymbols",
        0,
        Map.of(
            "libIndex",
            List.of(),
            "address",
            List.of(),
            "name",
            List.of(),
            "functionSize",
            List.of()));
    table(
        json,
        "sources",
        sources.size(),
        Map.of("uuid", same(null, sources.size()), "filename", List.copyOf(sources.keySet())));
    array(json, "stringArray", List.copyOf(texts.keySet()));
    json.writeEndObject();
  }

  private void writeStacks(JsonGenerator json) throws IOException {
    Map<String, List<?>> columns = new LinkedHashMap<>();
    columns.put("frame", nodes.keySet().stream().map(Node::place).toList());
    columns.put("prefix", nodes.keySet().stream().map(n -> orNull(n.caller())).toList());
    table(json, "stackTable", nodes.size(), columns);
  }

  private void writeFrames(JsonGenerator json) throws IOException {
    int size = places.size();
    Map<String, List<?>> columns = new LinkedHashMap<>();
    columns.put("address", places.keySet().stream().map(Place::address).toList());
    columns.put("inlineDepth", places.keySet().stream().map(Place::inlineDepth).toList());
    columns.put("category", same(0, size));
    columns.put("subcategory", same(0, size));
    columns.put("func", places.keySet().stream().map(Place::function).toList());
    columns.put("nativeSymbol", same(null, size));
    columns.put("innerWindowID", same(null, size));
    columns.put(
        "line", places.keySet().stream().map(p -> p.line() == 0 ? null : p.line()).toList());
    columns.put("column", same(null, size));
    table(json, "frameTable", size, columns);
  }

  private void writeFunctions(JsonGenerator json) throws IOException {
    int size = functions.size();
    Map<String, List<?>> columns = new LinkedHashMap<>();
    columns.put("name", functions.keySet().stream().map(Function::name).toList());
    columns.put("isJS", same(false, size));
    columns.put("relevantForJS", same(false, size));
    columns.put("resource", functions.keySet().stream().map(Function::resource).toList());
    columns.put("source", functions.keySet().stream().map(f -> orNull(f.source())).toList());
    columns.put("lineNumber", same(null, size));
    columns.put("columnNumber", same(null, size));
    table(json, "funcTable", size, columns);
  }

  private void writeResources(JsonGenerator json, List<Integer> names) throws IOException {
    int size = names.size();
    Map<String, List<?>> columns = new LinkedHashMap<>();
    columns.put("lib", List.copyOf(libraries.values()));
    columns.put("name", names);
    columns.put("host", same(null, size));
    columns.put("type", same(LIBRARY, size));
    table(json, "resourceTable", size, columns);
  }

  private static Integer orNull(int index) {
    return index == NONE ? null : (Integer) index;
  }

  private static List<?> same(Object value, int count) {
    return Collections.nCopies(count, value);
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static void table(
      JsonGenerator json, String name, int length, Map<String, List<?>> columns)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, List<?>> column : columns.entrySet()) {
      array(json, column.getKey(), column.getValue());
    }
    json.writeNumberField("length", length);
    json.writeEndObject();
  }

  /** An array of texts, numbers, truths and nulls. */
  static void array(JsonGenerator json, String name, List<?> values) throws IOException {
    json.writeArrayFieldStart(name);
    for (Object value : values) {
      switch (value) {
        case null -> json.writeNull();
        case Integer number -> json.writeNumber(number);
        case Long number -> json.writeNumber(number);
        case Boolean truth -> json.writeBoolean(truth);
        default -> json.writeString(value.toString());
      }
    }
    json.writeEndArray();
  }
}
