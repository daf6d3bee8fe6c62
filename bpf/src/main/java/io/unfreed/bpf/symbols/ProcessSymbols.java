package io.unfreed.bpf.symbols;

import io.unfreed.bpf.ring.StackCursor;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Resolves the frames of one process's stacks. A frame says the inode and file offset it was mapped
 * from when the stack was taken, so it can be resolved after the process has unmapped the object or
 * ended; which file an inode is comes from the process's mappings, seen so far, or else from the
 * objects of other processes. Never fails: what is not known stays unnamed. One thread.
 */
public final class ProcessSymbols {
  private final int tgid;
  private final ObjectSymbolCache cache;
  private final Map<Long, ObjectSymbolCache.Entry> objects = new HashMap<>();
  private final Set<Long> unknown = new HashSet<>();

  /** Numbers that files of several devices have. */
  private final Set<Long> shared = new HashSet<>();

  private Optional<ProcessMaps> maps = Optional.empty();
  private Optional<PerfMap> jit = Optional.empty();

  private ProcessSymbols(int tgid, ObjectSymbolCache cache) {
    this.tgid = tgid;
    this.cache = cache;
    refresh();
  }

  /** Reads a process's mappings, if it is still there. */
  public static ProcessSymbols of(int tgid, ObjectSymbolCache cache) {
    return new ProcessSymbols(tgid, cache);
  }

  /**
   * Looks at the process's mappings again: worth it when a stack's generation rises. Happens by
   * itself for a file not seen before.
   */
  public void refresh() {
    try {
      ProcessMaps now = ProcessMaps.read(tgid);
      maps = Optional.of(now);
      for (MappedObject object : now.objects()) {
        ObjectSymbolCache.Entry held = cache.hold(object);
        ObjectSymbolCache.Entry before = objects.put(object.inode(), held);
        if (before != null && !before.path().equals(held.path())) {
          shared.add(object.inode());
        }
        unknown.remove(object.inode());
      }
    } catch (IOException gone) {
      // What was seen before answers on.
    }
    jit = PerfMap.read(tgid).or(() -> jit);
  }

  /**
   * The call a frame of a stack record belongs to.
   *
   * @param returnAddress as the record has it
   * @param inode of the file it was mapped from, 0 for none; where the kernel side could not look,
   *     {@link StackCursor#INODE_UNKNOWN}, it is the file that is mapped there now
   * @param fileOffset of the return address in that file
   */
  public ResolvedFrame resolve(long returnAddress, long inode, long fileOffset) {
    return locate(returnAddress, inode, fileOffset).resolve();
  }

  /** As {@link #resolve} without the names, which take longer and may be asked for elsewhere. */
  public CodeLocation locate(long returnAddress, long inode, long fileOffset) {
    if (inode == StackCursor.INODE_UNKNOWN) {
      Optional<MappedObject> mapped = covering(returnAddress - 1);
      if (mapped.isPresent()) {
        MappedObject there = mapped.get();
        long offset = returnAddress - there.start() + there.fileOffset();
        return locate(returnAddress, there.inode(), offset);
      }
    } else if (inode != 0) {
      Optional<ObjectSymbolCache.Entry> object = object(inode, returnAddress - 1);
      if (object.isPresent()) {
        return ObjectSymbolCache.locate(object.get(), fileOffset - 1);
      }
    }
    long ip = returnAddress - 1;
    List<SourceFrame> names = jit.flatMap(map -> map.lookup(ip)).map(List::of).orElse(List.of());
    return new CodeLocation(null, null, ip, null, names);
  }

  private Optional<MappedObject> covering(long ip) {
    Optional<MappedObject> seen = maps.flatMap(m -> m.covering(ip));
    if (seen.isEmpty()) {
      refresh();
      seen = maps.flatMap(m -> m.covering(ip));
    }
    return seen;
  }

  private Optional<ObjectSymbolCache.Entry> object(long inode, long ip) {
    ObjectSymbolCache.Entry known = objects.get(inode);
    if (known == null ? unknown.add(inode) : known.isClosed()) {
      refresh();
    }
    if (shared.contains(inode)) {
      return covering(ip).filter(there -> there.inode() == inode).map(cache::hold);
    }
    return Optional.ofNullable(objects.get(inode)).or(() -> cache.anyWithInode(inode));
  }
}
