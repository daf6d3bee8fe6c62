package io.unfreed.collector.capture;

import java.nio.file.Path;

/**
 * Why a recording is not whole. Everything before {@code offset} was read, and every whole block
 * after it.
 *
 * @param file the recording
 * @param offset first unusable byte; in a compressed recording of another tool it counts
 *     decompressed bytes
 * @param unusableBytes bytes that were there and could not be used, as far as is known
 * @param what what was found there
 * @param kept what could be read
 * @param nothingKept not one whole block, or not one event of another tool's recording
 */
public record Damage(
    Path file, long offset, long unusableBytes, String what, String kept, boolean nothingKept) {
  /** One line for people. */
  public String line() {
    return file
        + ": damaged at byte "
        + offset
        + ": "
        + what
        + "; "
        + unusableBytes
        + " bytes unusable; kept "
        + kept;
  }
}
