package io.unfreed.shim.arena;

/** What the recorded side counted; all of it as told by processes, so none of it beyond doubt. */
public final class ArenaCounters {
  long unregistered;
  long brokenRings;
  long malformedImages;
  long nested;
  long waits;
  long checks;
  long mismatches;
  long incompleteChecked;
  long complexWalks;
  long refused;
  long starvedStacks;

  /** Adds another's. */
  public void add(ArenaCounters more) {
    unregistered += more.unregistered;
    brokenRings += more.brokenRings;
    malformedImages += more.malformedImages;
    nested += more.nested;
    waits += more.waits;
    checks += more.checks;
    mismatches += more.mismatches;
    incompleteChecked += more.incompleteChecked;
    complexWalks += more.complexWalks;
    refused += more.refused;
    starvedStacks += more.starvedStacks;
  }

  /** Events of threads that had no ring. */
  public long unregistered() {
    return unregistered;
  }

  /** Rings that contradicted themselves. */
  public long brokenRings() {
    return brokenRings;
  }

  /** Registrations that made no sense. */
  public long malformedImages() {
    return malformedImages;
  }

  /** Allocator calls inside of others. */
  public long nested() {
    return nested;
  }

  /** Times a thread waited for room. */
  public long waits() {
    return waits;
  }

  /** Stacks compared with libgcc's unwinder. */
  public long checks() {
    return checks;
  }

  /** Of those, different ones. */
  public long mismatches() {
    return mismatches;
  }

  /** Of those, stacks that said that they are incomplete. */
  public long incompleteChecked() {
    return incompleteChecked;
  }

  /** Stacks that needed all registers. */
  public long complexWalks() {
    return complexWalks;
  }

  /** Processes that found no place. */
  public long refused() {
    return refused;
  }

  /** Stacks cut because there was no memory for their frames. */
  public long starvedStacks() {
    return starvedStacks;
  }
}
