package io.unfreed.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.query.UsageException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessRuleTest {
  private static final AccessRule RULE =
      new AccessRule("a-token-of-a-test", List.of("unfreed.example"));

  @Test
  void shouldKnowItselfWithoutThePortThatClientsLeaveOut() {
    HttpAddress address = HttpAddress.of("--http", "127.0.0.1:443");

    assertThat(RULE.authorities(address, 443))
        .contains("127.0.0.1:443", "127.0.0.1", "[::1]", "unfreed.example", "unfreed.example:443");
    assertThat(RULE.authorities(address, 8443))
        .contains("127.0.0.1:8443")
        .doesNotContain("127.0.0.1");
  }

  @Test
  void shouldSayWhyAFileOfATokenCannotBeRead() {
    assertThatThrownBy(() -> AccessRule.ofFile(Path.of("/nonexistent/token"), List.of()))
        .isInstanceOf(UsageException.class)
        .hasMessage("--token-file /nonexistent/token: cannot be read: no such file or directory");
  }
}
