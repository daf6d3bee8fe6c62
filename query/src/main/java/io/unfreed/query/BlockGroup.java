package io.unfreed.query;

import io.unfreed.schemas.Frame;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import java.util.Comparator;

/**
 * Blocks with something in common.
 *
 * @param name what they have in common
 * @param numbers what they add up to
 */
public record BlockGroup(Name name, BlockNumbers numbers) {
  /** Most bytes first, then most blocks, then by name. */
  static final Comparator<BlockGroup> ORDER =
      Comparator.comparingLong((BlockGroup group) -> group.numbers().chosenBytes())
          .thenComparingLong(group -> group.numbers().chosenCount())
          .reversed()
          .thenComparing(group -> group.name().orderKey());

  /** What blocks of a group have in common. */
  public sealed interface Name {
    /** Orders groups that are equal otherwise. */
    String orderKey();
  }

  /** A stack and a space. */
  public record Stack(BlockKey key) implements Name {
    @Override
    public String orderKey() {
      return key.stack().stackId() + key.stack().space().label();
    }
  }

  /** The stack that freed them; null when nobody has, or it is not known that anybody has. */
  public record FreeStack(BlockKey key) implements Name {
    @Override
    public String orderKey() {
      return key.releaser() == null ? "" : key.releaser().toString();
    }
  }

  /**
   * A function.
   *
   * @param symbol null when it has no name
   * @param address of the call, hexadecimal; null when it has a name
   */
  public record Function(String symbol, String module, String address) implements Name {
    static Function of(Frame frame) {
      if (frame == null) {
        return new Function(null, null, null);
      }
      boolean isNamed = frame.getSymbol() != null || frame.getAddress() == null;
      return new Function(
          frame.getSymbol(),
          frame.getModule(),
          isNamed ? null : "0x" + Long.toHexString(frame.getAddress()));
    }

    @Override
    public String orderKey() {
      return symbol + "\n" + module + "\n" + address;
    }
  }

  /** A source file, a module, a space or a process; null when it is not known. */
  public record Text(String text) implements Name {
    @Override
    public String orderKey() {
      return text == null ? "" : text;
    }
  }

  /** A thread or a size. */
  public record Numbered(long number) implements Name {
    @Override
    public String orderKey() {
      return "%020d".formatted(number);
    }
  }
}
