package io.unfreed.bpf.session;

import io.unfreed.bpf.elf.ElfFile;
import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The objects a command will map at its start, found without running it: the program or, of a
 * script, its interpreter, which is the shell where none is named; the dynamic linker; needed
 * libraries and theirs; LD_PRELOAD. Searched as ld.so(8) says, with the directories of
 * /etc/ld.so.conf for its cache. A library this misses is probed when the exec is seen, a little
 * late.
 */
public final class CommandObjects {
  private static final List<String> DEFAULT_DIRECTORIES =
      List.of(
          "/lib/x86_64-linux-gnu",
          "/usr/lib/x86_64-linux-gnu",
          "/lib64",
          "/usr/lib64",
          "/lib",
          "/usr/lib");
  private static final int MAX_SCRIPT_DEPTH = 4;

  /** What runs a file that says nothing of what it is: execvp(3). */
  private static final Path SHELL = Path.of("/bin/sh");

  private static final byte[] ELF_MAGIC = {0x7f, 'E', 'L', 'F'};
  private static final Pattern ENV_OPTION_WITH_VALUE =
      Pattern.compile("-[iv0]*[uC]|--unset|--chdir");

  private final Map<String, Path> found = new LinkedHashMap<>();
  private final List<String> configured = new ArrayList<>();

  private CommandObjects() {}

  /**
   * Finds them.
   *
   * @throws CommandNotFoundException when there is no such program
   */
  public static CommandObjects of(String command) throws IOException {
    CommandObjects objects = new CommandObjects();
    objects.readLinkerConfig(Path.of("/etc/ld.so.conf"));
    Path program = inPath(command).orElseThrow(() -> new CommandNotFoundException(command));
    objects.addProgram(program, MAX_SCRIPT_DEPTH);
    for (String library : OwnVariables.get("LD_PRELOAD", "").split("[ :]+")) {
      objects.addLibrary(library, List.of());
    }
    return objects;
  }

  /** The program that will run first (a script's interpreter), then what it needs. */
  public List<Path> files() {
    return List.copyOf(found.values());
  }

  /** The executable a name stands for, by PATH unless it has a slash. */
  private static Optional<Path> inPath(String command) {
    List<String> directories =
        command.contains("/")
            ? List.of("")
            : List.of(OwnVariables.get("PATH", "/usr/bin:/bin").split(":"));
    return directories.stream()
        .map(directory -> file(directory, command))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst()
        .map(Path::toAbsolutePath);
  }

  private static Path file(String directory, String name) {
    return NativePath.here(NativePath.of(directory.isEmpty() ? name : directory + "/" + name));
  }

  private void addProgram(Path program, int depth) throws IOException {
    Optional<String> script = scriptInterpreter(program);
    if (script.isPresent() && depth > 0) {
      List<String> words = List.of(script.get().strip().split("\\s+"));
      String first = words.getFirst();
      Optional<Path> interpreter = inPath(first.endsWith("/env") ? runByEnv(words) : first);
      if (interpreter.isPresent()) {
        addProgram(interpreter.get(), depth - 1);
      }
      return;
    }
    add(program);
    if (found.isEmpty() && depth > 0 && !isElf(program)) {
      addProgram(SHELL, depth - 1);
    }
  }

  private static boolean isElf(Path program) throws IOException {
    try (InputStream file = Files.newInputStream(program)) {
      return Arrays.equals(file.readNBytes(ELF_MAGIC.length), ELF_MAGIC);
    }
  }

  /** The program of env(1)'s words, which {@code -S} allows to be several; env where none is. */
  private static String runByEnv(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i).replaceFirst("^(-[iv0]*S|--split-string=)(?=.)", "");
      if (ENV_OPTION_WITH_VALUE.matcher(word).matches()) {
        i++;
      } else if (!word.startsWith("-") && word.indexOf('=') < 0) {
        return word;
      }
    }
    return words.getFirst();
  }

  private void add(Path start) {
    Deque<Path> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      Path file = open.remove();
      if (found.putIfAbsent(NativePath.text(file), file) != null) {
        continue;
      }
      try (ElfFile elf = ElfFile.open(file)) {
        elf.interpreter().map(NativePath::of).ifPresent(open::add);
        List<String> own =
            elf.libraryPath().stream()
                .map(d -> d.replace("${ORIGIN}", "$ORIGIN"))
                .map(d -> d.replace("$ORIGIN", NativePath.text(file.getParent())))
                .toList();
        elf.neededLibraries().forEach(name -> locate(name, own).ifPresent(open::add));
      } catch (IOException notElf) {
        found.remove(NativePath.text(file));
      }
    }
  }

  private void addLibrary(String name, List<String> own) {
    locate(name, own).ifPresent(this::add);
  }

  private Optional<Path> locate(String name, List<String> own) {
    if (name.contains("/")) {
      return Optional.of(NativePath.of(name))
          .filter(Files::isRegularFile)
          .map(Path::toAbsolutePath);
    }
    List<String> directories = new ArrayList<>(own);
    directories.addAll(List.of(OwnVariables.get("LD_LIBRARY_PATH", "").split("[:;]")));
    directories.addAll(configured);
    directories.addAll(DEFAULT_DIRECTORIES);
    return directories.stream()
        .filter(directory -> !directory.isEmpty())
        .map(directory -> file(directory, name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Optional<String> scriptInterpreter(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(256), StandardCharsets.ISO_8859_1);
      return start.startsWith("#!")
          ? Optional.of(start.substring(2).split("\n")[0])
          : Optional.empty();
    }
  }

  private void readLinkerConfig(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      return;
    }
    for (String line : Files.readAllLines(file)) {
      String text = line.replaceAll("#.*", "").strip();
      if (text.startsWith("include ")) {
        Path pattern = file.resolveSibling(text.substring(8).strip());
        for (Path included : matching(pattern)) {
          readLinkerConfig(included);
        }
      } else if (!text.isEmpty()) {
        configured.add(text);
      }
    }
  }

  private static Collection<Path> matching(Path pattern) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(pattern.getParent())) {
      try (DirectoryStream<Path> stream =
          Files.newDirectoryStream(pattern.getParent(), pattern.getFileName().toString())) {
        stream.forEach(files::add);
      }
    }
    files.sort(null);
    return files;
  }
}
