package io.unfreed.streams.topology;

/**
 * Names of incarnations as the beginning of keys in the report store, where {@code |} separates
 * parts: no name may end as the key of another goes on. Names without {@code |} and {@code %}, as
 * every recorder and importer makes them, stay what they are, so stores of earlier versions are
 * found.
 */
final class StoreKeys {
  private StoreKeys() {}

  /** The name; different names give keys of which none begins with another and a separator. */
  static String of(String incarnation) {
    return incarnation.replace("%", "%25").replace("|", "%7C");
  }

  /** The name of which {@link #of} made the key. */
  static String name(String key) {
    return key.replace("%7C", "|").replace("%25", "%");
  }
}
