package io.unfreed.collector.capture;

import java.util.HashSet;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Tells a schema of another version from a damaged one. A version has fields more than ours or
 * fewer; fields are never renamed. Both at once is a damaged name, by which Avro would silently
 * read nothing for the field.
 */
final class KnownFields {
  private KnownFields() {}

  /** The first field of ours that has another name in a schema; null when there is none. */
  static String renamed(Schema theirs, Schema ours) {
    if (theirs.getType() != ours.getType()) {
      return null; // Avro itself converts it or refuses.
    }
    return switch (theirs.getType()) {
      case RECORD -> renamedIn(theirs, ours);
      case ARRAY -> renamed(theirs.getElementType(), ours.getElementType());
      case MAP -> renamed(theirs.getValueType(), ours.getValueType());
      case UNION -> {
        for (int i = 0; i < Math.min(theirs.getTypes().size(), ours.getTypes().size()); i++) {
          String found = renamed(theirs.getTypes().get(i), ours.getTypes().get(i));
          if (found != null) {
            yield found;
          }
        }
        yield null;
      }
      default -> null;
    };
  }

  private static String renamedIn(Schema theirs, Schema ours) {
    Set<String> missing = names(ours);
    missing.removeAll(names(theirs));
    Set<String> unknown = names(theirs);
    unknown.removeAll(names(ours));
    if (!missing.isEmpty() && !unknown.isEmpty()) {
      return missing.iterator().next();
    }
    for (Schema.Field field : ours.getFields()) {
      Schema.Field their = theirs.getField(field.name());
      String found = their == null ? null : renamed(their.schema(), field.schema());
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static Set<String> names(Schema record) {
    Set<String> names = new HashSet<>();
    record.getFields().forEach(field -> names.add(field.name()));
    return names;
  }
}
