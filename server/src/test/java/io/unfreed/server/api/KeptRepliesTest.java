package io.unfreed.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.server.http.Reply;
import io.unfreed.server.http.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What was written for one reader and is kept for the others. */
class KeptRepliesTest {
  /** About as long as a request may be. */
  private static final int LONG = 8000;

  private final KeptReplies replies = new KeptReplies();
  private int made;

  @Test
  void shouldMakeAnAnswerOnceWhenManyAskTheSame() throws IOException {
    for (int i = 0; i < 3; i++) {
      assertThat(answer("same", "version")).isEqualTo("{}");
    }
    assertThat(made).isEqualTo(1);

    answer("same", "later version");
    assertThat(made).isEqualTo(2);
  }

  @Test
  void shouldCountTheQuestionsTooWhenTheyAreLongerThanTheirAnswers() throws IOException {
    String first = "0" + "a".repeat(LONG);
    answer(first, "version");
    for (int i = 1; i < 3000; i++) { // 48 MB of questions, 6 kB of answers
      answer(i + "a".repeat(LONG), "version");
    }
    answer(first, "version");

    assertThat(made).isEqualTo(3001);
  }

  private String answer(String function, Object version) throws IOException {
    Request request = new Request("/api/v1/report", Map.of("function", function));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    replies
        .of(
            request,
            version,
            Reply.JSON,
            () -> {
              made++;
              return Reply.of(Reply.JSON, "{}");
            })
        .body()
        .writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
