package io.unfreed.streams.ledger;

/**
 * Is told of single blocks as they come and go, for questions that counters per stack do not
 * answer. Called between two events of the ledger's, or inside one.
 */
public interface BlockObserver {
  /** Why a block is outstanding no more. */
  enum Why {
    /** A free, a realloc or an unmapping of its last byte. */
    FREED,
    /** Its address was allocated again: the free was missed. */
    SUPERSEDED,
    /** The image of its process was replaced. */
    CLOSED_BY_EXEC
  }

  /**
   * One block, as it is during the call in which it is told: millions are told with one object, and
   * what of a block nobody asks for is not looked up.
   */
  final class Block {
    private final SiteTable sites;
    private final ThreadTable threads;
    private int site;
    private long address;
    private long timeNanos;
    private long sizeBytes;
    private long leftBytes;

    Block(SiteTable sites, ThreadTable threads) {
      this.sites = sites;
      this.threads = threads;
    }

    Block set(int atSite, long atAddress, long allocatedAt, long size, long left) {
      site = atSite;
      address = atAddress;
      timeNanos = allocatedAt;
      sizeBytes = size;
      leftBytes = left;
      return this;
    }

    /** Its stack in a space. */
    public int entry() {
      return sites.entry(site);
    }

    /** Where it begins. */
    public long address() {
      return address;
    }

    /** The thread that allocated it. */
    public int tid() {
      return threads.tid(sites.thread(site));
    }

    /** What {@link Ledger#birthsAreAsked} said when it was allocated. */
    public boolean asked() {
      return sites.isAsked(site);
    }

    /** Stamp of its allocation. */
    public long timeNanos() {
      return timeNanos;
    }

    /** The size it was allocated with. */
    public long sizeBytes() {
      return sizeBytes;
    }

    /** What is left of it. */
    public long leftBytes() {
      return leftBytes;
    }
  }

  /** What a walk over the outstanding blocks calls. */
  interface LiveVisitor {
    /** One block, and whether it is certain. */
    void block(Block block, boolean certain);
  }

  /** A block is outstanding. */
  void opened(Block block);

  /** A mapping lost so many bytes; {@code left} is what remains, perhaps nothing. */
  void shrunk(Block left, long bytes);

  /**
   * A block is outstanding no more.
   *
   * @param releaser number of the stack that released it, see {@link Releasers}
   * @param timeNanos stamp of the event that closed it
   */
  void closed(Block block, Why why, int releaser, long timeNanos);
}
