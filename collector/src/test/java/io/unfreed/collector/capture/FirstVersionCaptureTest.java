package io.unfreed.collector.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EncodedBatch;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A capture written by the first version stays readable: never write this file anew. */
class FirstVersionCaptureTest {
  private static final Path FILE =
      Path.of("..", "schemas", "src", "test", "resources", "v1", "capture.unfreed");

  @Test
  void shouldReadTheCaptureWhenTheFirstVersionWroteIt() throws Exception {
    Contents contents = Contents.of(FILE);

    assertThat(contents.damage()).isNull();
    assertThat(contents.sessions()).containsExactly(Samples.session(), Samples.ended());
    assertThat(contents.stacks()).containsExactly(Samples.stack());
    assertThat(contents.batches())
        .containsExactlyElementsOf(Samples.batches(3).stream().map(EncodedBatch::body).toList());
  }
}
