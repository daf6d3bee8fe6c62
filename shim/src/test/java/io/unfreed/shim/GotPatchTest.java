package io.unfreed.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** got.c, in the ways that objects can be linked; src/test/c/got_test.c says what is looked at. */
final class GotPatchTest {
  private static final List<String> PATCHER =
      List.of(
          "got_hooks.c", "elf.c", "got.c", "got_patch.c", "got_records.c", "image.c", "loader.c");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Wl,-z,lazy",
        "-Wl,-z,now",
        "-fno-plt",
        "-Wl,-z,norelro",
        "-Wl,--hash-style=sysv",
        "-fuse-ld=gold",
        "-fuse-ld=gold -Wl,-z,now",
        "-fuse-ld=lld"
      })
  void shouldGiveEverySlotItsOwnValueBackWhenLinked(String how) {
    String[] flags = how.split(" ");
    if (how.contains("ld=gold")) {
      CompiledC.assumeProgram("ld.gold", "--version");
    }
    if (how.contains("ld=lld")) {
      CompiledC.assumeProgram("ld.lld", "--version");
    }
    String directory = "got" + how.replaceAll("[^a-z]", "") + "/";
    Path hooks =
        CompiledC.compile(directory + "hooks.so", PATCHER, with(flags, "-shared", "-fPIC"));
    user(directory + "libone.so", "one", flags);
    user(directory + "libtwo.so", "two", flags);
    Path plugin = user(directory + "plugin.so", "plugin", flags);
    Path other = user(directory + "other.so", "plugin", with(flags, "-g", "-Wl,--build-id=none"));
    String libraries = hooks.getParent().toString();
    Path test =
        CompiledC.compile(
            directory + "got_test",
            List.of("got_test.c", "elf.c"),
            with(flags, "-L" + libraries, "-lone", "-ltwo", "-Wl,-rpath," + libraries, "-pthread"));
    String[] command = {"timeout", "120", test.toString()};

    assertThat(CompiledC.run(with(command, hooks.toString(), plugin.toString(), other.toString())))
        .as("what it said is on stderr")
        .isZero();
  }

  private static Path user(String output, String name, String... flags) {
    return CompiledC.compile(
        output, List.of("got_user.c"), with(flags, "-shared", "-fPIC", "-DUSER=" + name));
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }
}
