package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Commands whose options are read only when they are named. */
class SubcommandTest {
  @Test
  void shouldReadTheOptionsOfTheNamedCommandOnly() {
    CommandLine root = new CommandLine(CommandSpec.create());
    Subcommand.addTo(root, List.of("report", "file", "--top", "3"));

    Map<String, CommandLine> commands = root.getSubcommands();
    assertThat(commands).hasSize(Subcommand.values().length);
    commands.forEach((name, command) ->
        assertThat(command.getCommandSpec().options().isEmpty())
            .as(name)
            .isEqualTo(!name.equals("report")));
  }

  @ParameterizedTest
  @EnumSource
  void shouldListEveryCommandAndTellItsOptions(Subcommand subcommand) {
    String name = subcommand.name().toLowerCase(java.util.Locale.ROOT);
    CommandRun list = CommandRun.of("--help");
    CommandRun asked = CommandRun.of("help", name);
    CommandRun option = CommandRun.of(name, "--help");

    assertThat(list.out()).containsPattern("(?m)^  " + name + " +[A-Z]");
    assertThat(asked.exitCode()).isZero();
    assertThat(asked.out()).startsWith("Usage: unfreed " + name).contains("-h, --help");
    assertThat(option.out()).isEqualTo(asked.out());
  }

  @Test
  void shouldRefuseACommandThatIsNone() {
    CommandRun run = CommandRun.of("reprot", "file");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).singleElement().asString().contains("reprot");
  }
}
