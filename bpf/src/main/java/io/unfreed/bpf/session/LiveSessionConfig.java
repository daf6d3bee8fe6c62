package io.unfreed.bpf.session;

import io.unfreed.bpf.unwind.UnwindTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a recording is made with. Start from {@link #defaults} and change what differs.
 *
 * @param bufferBytes of the ring buffer: a power of two, a multiple of the page
 * @param minSizeBytes smallest allocation recorded, inclusive
 * @param maxSizeBytes largest allocation recorded, inclusive
 * @param sampleRate record allocation calls N, 2N, ...; 1 records every call
 * @param followChildren record the children of targets too
 * @param objects probe these only, as the target sees them; empty: every mapped object that defines
 *     an allocator
 * @param symbolsPrefix before the names of heap functions, as in {@code je_}; empty for none
 * @param maxStacks distinct stacks remembered in the kernel
 * @param maxLiveBlocks recorded blocks remembered in the kernel, used with filters only
 * @param systemCalls record what processes map by system calls, and probe no function
 * @param host record every process of the host that passes, from its exec on
 * @param unwinding how user stacks are taken
 * @param pageFaults with system calls: record what makes pages resident
 */
public record LiveSessionConfig(
    int bufferBytes,
    long minSizeBytes,
    long maxSizeBytes,
    int sampleRate,
    boolean followChildren,
    List<Path> objects,
    String symbolsPrefix,
    int maxStacks,
    int maxLiveBlocks,
    boolean systemCalls,
    Optional<HostFilter> host,
    Unwinding unwinding,
    boolean pageFaults) {

  public LiveSessionConfig {
    if (bufferBytes < 4096 || Integer.bitCount(bufferBytes) != 1) {
      throw new IllegalArgumentException(
          "buffer of " + bufferBytes + " bytes: not a power of two from 4096");
    }
    if (minSizeBytes < 0 || maxSizeBytes < minSizeBytes) {
      throw new IllegalArgumentException("sizes from " + minSizeBytes + " to " + maxSizeBytes);
    }
    if (sampleRate < 1) {
      throw new IllegalArgumentException("sample rate " + sampleRate);
    }
    if (pageFaults && !systemCalls) {
      throw new IllegalArgumentException("page faults without system calls");
    }
    objects = List.copyOf(objects);
  }

  public static LiveSessionConfig defaults() {
    return new LiveSessionConfig(
        16 << 20,
        0,
        Long.MAX_VALUE,
        1,
        false,
        List.of(),
        "",
        1 << 18,
        1 << 20,
        false,
        Optional.empty(),
        Unwinding.BY_RULES,
        false);
  }

  public LiveSessionConfig withBufferBytes(int bytes) {
    return with(draft -> draft.bufferBytes = bytes);
  }

  public LiveSessionConfig withFilters(long minBytes, long maxBytes, int rate) {
    return with(draft -> {
      draft.minSizeBytes = minBytes;
      draft.maxSizeBytes = maxBytes;
      draft.sampleRate = rate;
    });
  }

  public LiveSessionConfig withFollowChildren(boolean follow) {
    return with(draft -> draft.followChildren = follow);
  }

  public LiveSessionConfig withObjects(List<Path> only, String prefix) {
    return with(draft -> {
      draft.objects = only;
      draft.symbolsPrefix = prefix;
    });
  }

  public LiveSessionConfig withMaxLiveBlocks(int blocks) {
    return with(draft -> draft.maxLiveBlocks = blocks);
  }

  public LiveSessionConfig withUnwinding(Unwinding way) {
    return with(draft -> draft.unwinding = way);
  }

  /** Records system calls; a host filter means every process that passes, and their children. */
  public LiveSessionConfig withSystemCalls(Optional<HostFilter> filter) {
    return with(draft -> {
      draft.followChildren |= filter.isPresent();
      draft.systemCalls = true;
      draft.host = filter;
    });
  }

  /** Records page faults beside system calls. */
  public LiveSessionConfig withPageFaults() {
    return with(draft -> draft.pageFaults = true);
  }

  /** Whether stacks are taken by the rules of the code: wanted, and possible with this build. */
  public boolean unwinds() {
    return unwinding == Unwinding.BY_RULES && UnwindTables.arePossible();
  }

  /** Does the kernel side leave anything out? */
  public boolean isFiltered() {
    return minSizeBytes > 0 || maxSizeBytes < Long.MAX_VALUE || sampleRate > 1;
  }

  /** Whether an object is to be probed. */
  boolean wants(Path path) {
    if (objects.isEmpty() || path.getFileName().toString().startsWith("ld-")) {
      return true; // the dynamic linker is wanted for its hook
    }
    return objects.stream().anyMatch(only -> sameFile(only, path));
  }

  private static boolean sameFile(Path one, Path other) {
    try {
      return one.equals(other) || Files.isSameFile(one, other);
    } catch (IOException missing) {
      return false;
    }
  }

  private LiveSessionConfig with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.done();
  }

  /** The same, to be changed. */
  private static final class Draft {
    int bufferBytes;
    long minSizeBytes;
    long maxSizeBytes;
    int sampleRate;
    boolean followChildren;
    List<Path> objects;
    String symbolsPrefix;
    int maxStacks;
    int maxLiveBlocks;
    boolean systemCalls;
    Optional<HostFilter> host;
    Unwinding unwinding;
    boolean pageFaults;

    Draft(LiveSessionConfig config) {
      bufferBytes = config.bufferBytes;
      minSizeBytes = config.minSizeBytes;
      maxSizeBytes = config.maxSizeBytes;
      sampleRate = config.sampleRate;
      followChildren = config.followChildren;
      objects = config.objects;
      symbolsPrefix = config.symbolsPrefix;
      maxStacks = config.maxStacks;
      maxLiveBlocks = config.maxLiveBlocks;
      systemCalls = config.systemCalls;
      host = config.host;
      unwinding = config.unwinding;
      pageFaults = config.pageFaults;
    }

    LiveSessionConfig done() {
      return new LiveSessionConfig(
          bufferBytes,
          minSizeBytes,
          maxSizeBytes,
          sampleRate,
          followChildren,
          objects,
          symbolsPrefix,
          maxStacks,
          maxLiveBlocks,
          systemCalls,
          host,
          unwinding,
          pageFaults);
    }
  }
}
