package io.unfreed.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A flame graph of a recursion deeper than a canvas may be high, and than a script may call. */
@Tag("browser")
class DeepStackTest extends ServedPage {
  private static final int DEPTH = 12_000;
  private static final long SECOND = 1_000_000_000L;

  @Test
  void shouldDrawWhatIsSeenOfADeepRecursion() throws Exception {
    Path deep = directory.resolve("deep");
    record(deep);
    open(ColorScheme.LIGHT, deep);
    show("flame");
    page.evaluate("document.getElementById('flame-box').scrollIntoView({block: 'end'})");

    assertThat(Integer.parseInt(page.locator("#flame").getAttribute("data-drawn")))
        .isEqualTo(DEPTH + 1);
    assertThat(page.locator("#flame").boundingBox().height).isLessThan(900);
    assertThat(nameAt(0)).isEqualTo("all");
    page.evaluate("document.getElementById('flame-box').scrollTop = 1e9");
    assertThat(nameAt(1)).isEqualTo("f0");
    page.locator("#search").fill("f77");
    shown();
    assertThat(number("#found")).isEqualTo(1000);
    tab.shoot("deep");
    nothingWasWrong();
  }

  /** What is told of the row at the top, or at the bottom, of what is seen. */
  private String nameAt(int end) {
    BoundingBox box = page.locator("#flame").boundingBox();
    page.mouse().move(box.x + 5, box.y + 5);
    page.mouse().move(box.x + box.width / 2, box.y + 5 + end * (box.height - 10));
    return page.locator("#tip b").textContent();
  }

  private static void record(Path file) throws IOException {
    List<Frame> frames = new ArrayList<>();
    List<FrameKey> keys = new ArrayList<>();
    for (int i = 0; i < DEPTH; i++) {
      keys.add(new FrameKey.InModule("ab", i));
      frames.add(
          Frame.newBuilder()
              .setSymbol("f" + i)
              .setModule("/bin/deep")
              .setBuildId("ab")
              .setAddress((long) i)
              .build());
    }
    StackDictionary dictionary = new StackDictionary();
    StackId id = new StackHasher().hash(keys);
    dictionary.number(id);
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(
          Session.newBuilder()
              .setSessionId("deep")
              .setSource(Source.EBPF)
              .setTickNanos(5 * SECOND)
              .setEnd(new SessionEnd(SECOND, 1L, 1L, 0L, Map.of()))
              .build());
      capture.stack(new CallStack(id.toHash(), Quality.SYMBOLS, frames));
      EventBatchBuilder events =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey("deep", "7-70", 0), 1, 5 * SECOND, false, true),
              new Process(7, 70L, "/bin/deep", 0L),
              dictionary);
      events.allocate(EventCodes.ALLOC_HEAP, 1, 1, 0x1000, 1000, 0);
      events.end(SECOND, 0, 0);
      capture.batch(events.encode());
    }
  }
}
