package io.unfreed.shim;

import io.unfreed.bpf.elf.ElfFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whether the library can see the allocations of a program, judged by its files. */
public final class ShimFitness {
  private static final String LINKER = "ld-linux-x86-64.so.2";
  private static final String LIBC = "libc.so.6";

  /** A version that the linker of such a glibc defines; glibc.c looks for it, too. */
  private static final String OLDEST = "\0GLIBC_2.35\0";

  /** As in sanitizers.c, which looks at what a recorded process becomes. */
  private static final Predicate<String> SANITIZER =
      Pattern.compile("lib(([at]|hwa)san\\.so|clang_rt\\.([at]|hwa)san).*").asMatchPredicate();

  private static final int SETUID = 04000;
  private static final int SETGID = 02000;

  private ShimFitness() {}

  /**
   * Why it cannot, as the end of a line; empty when it can.
   *
   * @param files the program first, then what it needs, its dynamic linker among it
   */
  public static Optional<String> obstacle(List<Path> files) {
    Optional<String> unavailable = ShimLibrary.unavailable();
    if (unavailable.isPresent()) {
      return unavailable;
    }
    if (files.isEmpty()) {
      return Optional.of("it is no ELF program and names no interpreter");
    }
    Optional<String> preloaded = preloadedSanitizer(System.getenv("LD_PRELOAD"));
    if (preloaded.isPresent()) {
      return Optional.of("LD_PRELOAD has " + preloaded.get() + ", which must come first");
    }
    Path program = files.getFirst();
    try (ElfFile elf = ElfFile.open(program)) {
      Optional<String> linker = elf.interpreter();
      if (linker.isEmpty()) {
        return Optional.of(program + " is linked statically");
      }
      if (!isOurs(Path.of(linker.get()))) {
        return Optional.of(program + " is for another C library (" + linker.get() + ")");
      }
      if (changesUser(program)) {
        return Optional.of(program + " is setuid or setgid");
      }
      Optional<Path> libc =
          files.stream().filter(f -> f.getFileName().toString().equals(LIBC)).findFirst();
      if (libc.isEmpty()) {
        return Optional.of(program + " does not use the C library");
      }
      if (!defines(libc.get(), "_dl_find_object")) {
        return Optional.of(libc.get() + " is older than glibc 2.35");
      }
      Optional<String> sanitizer =
          files.stream().map(f -> f.getFileName().toString()).filter(SANITIZER).findFirst();
      if (sanitizer.isPresent()) {
        return Optional.of(program + " needs " + sanitizer.get() + " ahead of other libraries");
      }
      return defines(elf, "malloc")
          ? Optional.of(program + " defines malloc itself")
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of(program + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * The sanitizer's library that the dynamic linker is told to put ahead.
   *
   * @param preload the value of LD_PRELOAD, null for none
   */
  static Optional<String> preloadedSanitizer(String preload) {
    return Stream.ofNullable(preload)
        .flatMap(words -> Stream.of(words.split("[ :]")))
        .map(word -> word.substring(word.lastIndexOf('/') + 1))
        .filter(SANITIZER)
        .findFirst();
  }

  /** Wherever it lies: a package manager or a vendor brings its own, of any age. */
  private static boolean isOurs(Path linker) throws IOException {
    return linker.endsWith(LINKER)
        && new String(Files.readAllBytes(linker), StandardCharsets.ISO_8859_1).contains(OLDEST);
  }

  private static boolean changesUser(Path program) throws IOException {
    int mode = (int) Files.getAttribute(program, "unix:mode");
    int owner = (int) Files.getAttribute(program, "unix:uid");
    int own =
        (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
    return (mode & SETGID) != 0 || ((mode & SETUID) != 0 && owner != own);
  }

  private static boolean defines(Path file, String function) throws IOException {
    try (ElfFile elf = ElfFile.open(file.toRealPath())) {
      return defines(elf, function);
    }
  }

  private static boolean defines(ElfFile elf, String function) throws IOException {
    return elf.functions().stream().anyMatch(symbol -> symbol.name().equals(function));
  }
}
