package io.unfreed.shim.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every constant of {@link ArenaLayout} against what the C compiler makes of {@code arena.h}. */
class ArenaLayoutTest {
  private static final Path SOURCES = Path.of("src/main/c").toAbsolutePath();

  /** Of constants whose C name does not follow from theirs. */
  private static final Map<String, String> OTHERS =
      Map.ofEntries(
          Map.entry("MAGIC", "ARENA_MAGIC"),
          Map.entry("VERSION", "ARENA_VERSION"),
          Map.entry("PROCESSES", "ARENA_PROCESSES"),
          Map.entry("RINGS", "ARENA_RINGS"),
          Map.entry("SEGMENTS", "ARENA_SEGMENTS"),
          Map.entry("ALL_RINGS", "ARENA_RINGS + ARENA_SEGMENTS"),
          Map.entry("TABLE_SEGMENTS", "TABLE_SEGMENTS"),
          Map.entry("IDLE", "ARENA_IDLE"),
          Map.entry("MODULES", "ARENA_MODULES"),
          Map.entry("CHUNKS", "ARENA_CHUNKS"),
          Map.entry("CHUNK_NODES", "CHUNK_NODES"),
          Map.entry("GRANTED", "ARENA_GRANTED"),
          Map.entry("CLAIMED", "ARENA_CLAIMED"),
          Map.entry("READY", "ARENA_READY"),
          Map.entry("RELEASED", "ARENA_RELEASED"),
          Map.entry("TARGET_BYTES", "ARENA_TARGET_BYTES"),
          Map.entry("COMMAND_BYTES", "ARENA_COMMAND_BYTES"),
          Map.entry("NODE_INCOMPLETE", "NODE_INCOMPLETE"),
          Map.entry("HEADER_BYTES", "sizeof(struct arena_header)"),
          Map.entry("PROCESS_BYTES", "sizeof(struct arena_process)"),
          Map.entry("PROCESS_COMMAND_BYTES", "offsetof(struct arena_process, command_bytes)"),
          Map.entry("PROCESS_STAMP", "offsetof(struct arena_process, registered_stamp)"),
          Map.entry("PROCESS_PARENT", "offsetof(struct arena_process, parent_tgid)"),
          Map.entry("RECORD_BYTES", "sizeof(struct arena_record)"),
          Map.entry("RING_DESCRIPTOR_BYTES", "sizeof(struct arena_ring)"),
          Map.entry("MODULE_BYTES", "sizeof(struct arena_module)"),
          Map.entry("MODULE_BUILD_ID_MOST", "sizeof(((struct arena_module *)0)->build_id)"),
          Map.entry("MODULE_PATH_BYTES", "ARENA_PATH_BYTES"),
          Map.entry("CHUNK_BYTES", "sizeof(struct arena_chunk)"),
          Map.entry("NODE_BYTES", "sizeof(struct arena_node)"));

  /** The collector's own choices: processes find them in the header. */
  private static final TreeSet<String> ONLY_HERE =
      new TreeSet<>(
          List.of(
              "PAGE_BYTES",
              "RING_BYTES",
              "PROCESSES_AT",
              "RINGS_AT",
              "MODULES_AT",
              "CHUNKS_AT",
              "NODES_AT",
              "RECORDS_AT",
              "TOTAL_BYTES"));

  @TempDir Path directory;

  @Test
  void shouldEqualWhatTheCompilerSays() throws Exception {
    Map<String, Long> ours = constants();
    StringBuilder source = new StringBuilder("#include \"arena.h\"\n#include <stddef.h>\n");
    source.append("#include <stdio.h>\nint main(void)\n{\n");
    ours.keySet()
        .forEach(name ->
            source.append(
                "\tprintf(\"%s=%%lld\\n\", (long long)(%s));\n".formatted(name, inC(name))));
    source.append("\treturn 0;\n}\n");

    assertThat(compiledAndRun(source.toString())).isEqualTo(ours);
  }

  private static Map<String, Long> constants() throws IllegalAccessException {
    Map<String, Long> all = new TreeMap<>();
    for (Field field : ArenaLayout.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && !ONLY_HERE.contains(field.getName())) {
        all.put(field.getName(), ((Number) field.get(null)).longValue());
      }
    }
    return all;
  }

  private static String inC(String name) {
    String other = OTHERS.get(name);
    if (other != null) {
      return other;
    }
    if (name.startsWith("FLAG_")) {
      return "ARENA_" + name.substring(5);
    }
    int split = name.indexOf('_');
    String struct = name.substring(0, split).toLowerCase(Locale.ROOT);
    String field = name.substring(split + 1).toLowerCase(Locale.ROOT);
    return "offsetof(struct arena_" + struct + ", " + field + ")";
  }

  private Map<String, Long> compiledAndRun(String source) throws Exception {
    Path file = Files.writeString(directory.resolve("layout.c"), source);
    Path program = directory.resolve("layout");
    String said = compile(file, program);
    assertThat(said).isEmpty();
    Process run = new ProcessBuilder(program.toString()).start();
    Map<String, Long> values = new TreeMap<>();
    for (String line : run.inputReader().lines().toList()) {
      values.put(line.split("=")[0], Long.parseLong(line.split("=")[1]));
    }
    assertThat(run.waitFor()).isZero();
    return values;
  }

  private static String compile(Path file, Path program) throws Exception {
    String[] command = {"cc", "-I" + SOURCES, "-o", program.toString(), file.toString()};
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException missing) {
      System.err.println("SKIPPED: shim: no C compiler: " + missing.getMessage());
      assumeTrue(false, "shim: no C compiler");
      throw missing;
    }
    String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    compiler.waitFor();
    return said;
  }
}
