package io.unfreed.cli.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The table of rights in {@code docs/operations.md}: what is tested is what is written there. */
final class DocumentedRights {
  private static final Path DOCUMENT = Path.of("..", "docs", "operations.md");
  private static final String HEADER = "| who | resource | name | pattern | operations |";

  private DocumentedRights() {}

  /** The ACLs of a role, given to a user. */
  static List<AclBinding> of(String role, String user) throws IOException {
    List<AclBinding> rights = new ArrayList<>();
    for (List<String> row : rows()) {
      if (row.get(0).equals(role)) {
        for (String operation : row.get(4).split(", ")) {
          rights.add(
              new AclBinding(
                  new ResourcePattern(
                      ResourceType.fromString(constant(row.get(1))),
                      row.get(2).replace("`", ""),
                      PatternType.fromString(constant(row.get(3)))),
                  new AccessControlEntry(
                      "User:" + user,
                      "*",
                      AclOperation.fromString(constant(operation)),
                      AclPermissionType.ALLOW)));
        }
      }
    }
    if (rights.isEmpty() || rights.stream().anyMatch(AclBinding::isUnknown)) {
      throw new AssertionError(DOCUMENT + ": rights of " + role + ": " + rights);
    }
    return rights;
  }

  private static List<List<String>> rows() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENT);
    return lines.stream()
        .skip(lines.indexOf(HEADER) + 2L)
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList())
        .toList();
  }

  /** "transactional id" is TRANSACTIONAL_ID. */
  private static String constant(String words) {
    return words.toUpperCase(Locale.ROOT).replace(' ', '_');
  }
}
