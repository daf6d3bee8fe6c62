package io.unfreed.streams.verdict;

/**
 * What a verdict rests on, as numbers; {@link Sentence} tells it. Times are units of the clock.
 *
 * @param born blocks that the stack allocated
 * @param freed of those, freed
 * @param freedWithin within so long nearly all of the freed ones went; 0 when none was freed
 * @param age the age of no return; null when there is none
 * @param survivors blocks of the slots judged that stay
 * @param slots the slots judged: complete, and older than the age
 */
public record Evidence(
    long born, long freed, long freedWithin, Age age, Survivors survivors, Slots slots) {

  /**
   * The age of no return: blocks that reached it stay.
   *
   * @param units the age
   * @param reached blocks that reached it
   * @param freedLater of those, freed
   * @param freedYoung blocks freed before it
   */
  public record Age(long units, long reached, long freedLater, long freedYoung) {}

  /**
   * Blocks that stay.
   *
   * @param earlier those born in the first half of the slots
   * @param later those born in the second half
   */
  public record Survivors(long count, long bytes, long earlier, long later) {}

  /**
   * Equal stretches of time.
   *
   * @param count how many
   * @param joined how many have survivors
   * @param length of each
   * @param lastJoined where the last one with survivors ends, 0 for none
   */
  public record Slots(int count, int joined, long length, long lastJoined) {}
}
