package io.unfreed.streams.ledger;

import java.util.List;

/** Address spaces: an address means something only inside one. Ordinals are the wire's. */
public enum AddressSpace {
  HEAP("heap"),
  MAPPING("mapping"),
  SLAB("slab"),
  PAGE("page"),
  PERCPU("percpu");

  /** All spaces by ordinal. */
  public static final List<AddressSpace> ALL = List.of(values());

  private final String label;

  AddressSpace(String label) {
    this.label = label;
  }

  /** The name in reports. */
  public String label() {
    return label;
  }
}
