package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.ledger.AddressSpace;
import org.junit.jupiter.api.Test;

/** Keys as changelogs of the first version have them. */
class IncarnationKeysTest {
  private final IncarnationKeys keys = IncarnationKeys.of("a|b/7-70");

  @Test
  void shouldSpellKeysAsTheFirstVersionDid() {
    StackKey stack = new StackKey(new StackId(1, 2), AddressSpace.MAPPING);

    assertThat(keys.head()).isEqualTo("a%7Cb/7-70|h");
    assertThat(keys.stack(stack))
        .isEqualTo("a%7Cb/7-70|s|00000000000000010000000000000002|" + stack.space().ordinal());
    assertThat(keys.waiting(3, 12, 4)).isEqualTo("a%7Cb/7-70|a|3|000012|000004");
    assertThat(keys.part(3, 4)).isEqualTo("a%7Cb/7-70|p|3|000004");
  }

  @Test
  void shouldFindWithAPrefixWhatBelongsToItAndNothingElse() {
    assertThat(keys.waiting(3, 12, 4)).startsWith(keys.waiting(3, 12)).startsWith(keys.waiting(3));
    assertThat(keys.waiting(31, 1, 0)).doesNotStartWith(keys.waiting(3));
    assertThat(keys.part(31, 4)).doesNotStartWith(keys.parts(3));
    assertThat(IncarnationKeys.of("a|b/7-700").head()).doesNotStartWith(keys.name() + "|");
  }
}
