package io.unfreed.render.export;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.lane.Counts;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * A profile for pprof: google/pprof, {@code proto/profile.proto}, with the sample types of a heap
 * profile, what is in use last, so that viewers show it first. Every frame is a location of its
 * own, an inlined one too: viewers that show one line of a location would hide the others.
 */
public final class PprofExporter implements Exporter {
  private record Module(String file, String buildId) {}

  private record Code(String function, String file) {}

  private record Place(Module module, Long address, Code code, Integer line) {}

  /** Number fields of the messages, by their names in profile.proto. */
  private static final int PROFILE_SAMPLE_TYPE = 1;

  private static final int PROFILE_SAMPLE = 2;
  private static final int PROFILE_MAPPING = 3;
  private static final int PROFILE_LOCATION = 4;
  private static final int PROFILE_FUNCTION = 5;
  private static final int PROFILE_STRING_TABLE = 6;
  private static final int PROFILE_TIME_NANOS = 9;
  private static final int PROFILE_DURATION_NANOS = 10;
  private static final int PROFILE_PERIOD_TYPE = 11;
  private static final int PROFILE_PERIOD = 12;
  private static final int PROFILE_COMMENT = 13;
  private static final int PROFILE_DEFAULT_SAMPLE_TYPE = 14;

  @Override
  public void write(Session session, List<ExportedStack> stacks, boolean ofFreed, OutputStream out)
      throws IOException {
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(new Tables().profile(session, stacks, ofFreed).toByteArray());
    }
  }

  /** What samples refer to, numbered from 1; texts from 0, where the empty one is. */
  private static final class Tables {
    private final Map<String, Integer> texts = new LinkedHashMap<>(Map.of("", 0));
    private final Map<Module, Integer> modules = new LinkedHashMap<>();
    private final Map<Code, Integer> functions = new LinkedHashMap<>();
    private final Map<Place, Integer> places = new LinkedHashMap<>();
    private final Map<Module, Long> highest = new LinkedHashMap<>();

    ProtoWriter profile(Session session, List<ExportedStack> stacks, boolean ofFreed) {
      String chosen = ofFreed ? "freed" : "inuse";
      ProtoWriter profile = new ProtoWriter();
      profile.message(PROFILE_SAMPLE_TYPE, type("alloc_objects", "count"));
      profile.message(PROFILE_SAMPLE_TYPE, type("alloc_space", "bytes"));
      profile.message(PROFILE_SAMPLE_TYPE, type(chosen + "_objects", "count"));
      profile.message(PROFILE_SAMPLE_TYPE, type(chosen + "_space", "bytes"));
      stacks.forEach(stack -> profile.message(PROFILE_SAMPLE, sample(stack)));
      modules.forEach((module, id) -> profile.message(PROFILE_MAPPING, mapping(module, id)));
      places.forEach((place, id) -> profile.message(PROFILE_LOCATION, location(place, id)));
      functions.forEach((code, id) -> profile.message(PROFILE_FUNCTION, function(code, id)));
      if (session.getStartedEpochNanos() != null) {
        profile.number(PROFILE_TIME_NANOS, session.getStartedEpochNanos());
      }
      stacks.stream()
          .map(stack -> stack.process().atNanos())
          .filter(at -> at != null)
          .max(Long::compare)
          .ifPresent(at -> profile.number(PROFILE_DURATION_NANOS, at));
      profile.message(PROFILE_PERIOD_TYPE, type("space", "bytes"));
      profile.number(PROFILE_PERIOD, session.getSampleRate());
      profile.number(PROFILE_COMMENT, text("unfreed session " + session.getSessionId()));
      profile.number(PROFILE_DEFAULT_SAMPLE_TYPE, text(chosen + "_space"));
      texts.keySet().forEach(text -> profile.text(PROFILE_STRING_TABLE, text));
      return profile;
    }

    private ProtoWriter type(String type, String unit) {
      return new ProtoWriter().number(1, text(type)).number(2, text(unit));
    }

    private ProtoWriter sample(ExportedStack stack) {
      long[] locations = stack.frames().stream().mapToLong(this::place).toArray();
      Counts counts = stack.numbers().counts();
      long[] values = {
        counts.allocations(),
        counts.allocatedBytes(),
        stack.numbers().chosenCount(),
        stack.numbers().chosenBytes()
      };
      ProtoWriter sample = new ProtoWriter().numbers(1, locations).numbers(2, values);
      Integer tgid = stack.process().process().getTgid();
      if (tgid != null) {
        sample.message(3, new ProtoWriter().number(1, text("pid")).number(3, tgid));
      }
      sample.message(3, label("command", stack.processName()));
      return sample.message(3, label("space", stack.space()));
    }

    private ProtoWriter label(String key, String value) {
      return new ProtoWriter().number(1, text(key)).number(2, text(value));
    }

    private ProtoWriter mapping(Module module, int id) {
      return new ProtoWriter()
          .number(1, id)
          .number(3, highest.getOrDefault(module, 0L) + 1)
          .number(5, text(module.file()))
          .number(6, module.buildId() == null ? 0 : text(module.buildId()))
          .number(7, 1);
    }

    private ProtoWriter location(Place place, int id) {
      ProtoWriter line = new ProtoWriter().number(1, functions.get(place.code()));
      line.number(2, place.line() == null ? 0 : place.line());
      return new ProtoWriter()
          .number(1, id)
          .number(2, place.module() == null ? 0 : modules.get(place.module()))
          .number(3, place.address() == null ? 0 : place.address())
          .message(4, line);
    }

    private ProtoWriter function(Code code, int id) {
      return new ProtoWriter()
          .number(1, id)
          .number(2, text(code.function()))
          .number(3, text(code.function()))
          .number(4, code.file() == null ? 0 : text(code.file()));
    }

    private long place(Frame frame) {
      Module module =
          frame.getModule() == null
              ? null
              : new Module(Printable.of(frame.getModule()), frame.getBuildId());
      if (module != null) {
        number(modules, module);
        text(module.file());
        text(module.buildId() == null ? "" : module.buildId());
        highest.merge(module, frame.getAddress() == null ? 0 : frame.getAddress(), Math::max);
      }
      String file = frame.getFile() == null ? null : Printable.of(frame.getFile());
      Code code = new Code(ExportedStack.name(frame), file);
      number(functions, code);
      text(code.function());
      text(code.file() == null ? "" : code.file());
      return number(places, new Place(module, frame.getAddress(), code, frame.getLine()));
    }

    private int text(String text) {
      texts.putIfAbsent(text, texts.size());
      return texts.get(text);
    }

    private static <T> int number(Map<T, Integer> table, T item) {
      table.putIfAbsent(item, table.size() + 1);
      return table.get(item);
    }
  }
}
