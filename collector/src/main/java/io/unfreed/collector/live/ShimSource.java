package io.unfreed.collector.live;

import io.unfreed.shim.arena.ArenaReader;
import io.unfreed.shim.arena.SharedArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One piece of shared memory and who writes to it: a command with its children, or one process that
 * was attached to. Used by the recording's thread.
 */
final class ShimSource {
  private final SharedArena arena;
  private final ArenaReader<ShimLane> reader;
  private final ShimLanes lanes;
  private final String mappingName;

  /**
   * Nothing has been read yet.
   *
   * @param mappingName part of how the memory is called in /proc/PID/maps
   */
  ShimSource(SharedArena arena, ShimLanes lanes, String mappingName) {
    this.arena = arena;
    this.lanes = lanes;
    this.mappingName = mappingName;
    this.reader = new ArenaReader<>(arena, lanes);
    lanes.readBy(reader);
  }

  SharedArena arena() {
    return arena;
  }

  ArenaReader<ShimLane> reader() {
    return reader;
  }

  ShimLanes lanes() {
    return lanes;
  }

  /** Looks who has ended or become something else. */
  void look() {
    lanes.look(this::isMappedBy);
  }

  /** Looks for threads that ended without a word. */
  void lookForThreads() {
    reader.forQuietThreads(
        (image, tid) -> Files.exists(Path.of("/proc/" + image.tgid() + "/task/" + tid)));
  }

  private boolean isMappedBy(int tgid) {
    try (java.util.stream.Stream<String> maps = Files.lines(Path.of("/proc/" + tgid + "/maps"))) {
      return maps.anyMatch(line -> line.contains(mappingName));
    } catch (IOException | java.io.UncheckedIOException goneOrNotOurs) {
      return false;
    }
  }

  /** Ends the recording of whoever still runs, and takes what they wrote until now. */
  void finish() {
    arena.deactivate();
    readAll();
    look();
    readAll();
  }

  private void readAll() {
    do {
      reader.poll();
    } while (reader.isBehind());
  }
}
