package io.unfreed.cli.command;

import picocli.CommandLine.Command;

/** What concerns the topics as such; each thing is a subcommand. */
@Command(
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = TopicsCreateCommand.class)
public final class TopicsCommand {}
