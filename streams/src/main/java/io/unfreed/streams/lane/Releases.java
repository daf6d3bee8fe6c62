package io.unfreed.streams.lane;

/**
 * How the blocks of a stack were released, as far as its frees do not tell.
 *
 * @param temporary by the very next event of their thread; null with sampling, record filters or
 *     several lanes, and where it was not always counted
 * @param moved by a realloc that made a new block of them; null where it was not always counted
 */
public record Releases(Long temporary, Long moved) {
  /** Nothing is known. */
  public static final Releases UNKNOWN = new Releases(null, null);

  /** Of two lanes: threads of several are not followed. */
  Releases plus(Releases other) {
    return new Releases(
        null, moved == null || other.moved == null ? null : (Long) (moved + other.moved));
  }
}
