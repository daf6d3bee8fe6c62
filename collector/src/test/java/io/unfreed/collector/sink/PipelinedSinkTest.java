package io.unfreed.collector.sink;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.Session;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What fails on the sink's thread is thrown to the caller, whatever it is. */
class PipelinedSinkTest {
  static Stream<Throwable> failures() {
    return Stream.of(
        new IOException("disk"),
        new IllegalStateException("state"),
        new OutOfMemoryError("Java heap space"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void shouldThrowWhatTheOtherSinkThrewWhenFlushed(Throwable failure) throws Exception {
    try (PipelinedSink<FailingSink> sink = new PipelinedSink<>(new FailingSink(failure))) {
      assertThatThrownBy(
              () -> {
                sink.session(new Session());
                sink.flush();
              })
          .isSameAs(failure);
    }
  }

  @Test
  void shouldThrowWhatTheOtherSinkThrewWhenClosed() throws Exception {
    OutOfMemoryError failure = new OutOfMemoryError("Java heap space");
    PipelinedSink<FailingSink> sink = new PipelinedSink<>(new FailingSink(failure));

    assertThatThrownBy(
            () -> {
              sink.session(new Session());
              sink.close();
            })
        .isSameAs(failure);
  }

  private record FailingSink(Throwable failure) implements QuietSink {
    @Override
    public void session(Session session) throws IOException {
      switch (failure) {
        case IOException e -> throw e;
        case Error e -> throw e;
        default -> throw (RuntimeException) failure;
      }
    }
  }
}
