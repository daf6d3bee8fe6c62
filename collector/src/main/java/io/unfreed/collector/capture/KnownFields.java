package io.unfreed.collector.capture;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Tells a schema of another version from a damaged one. A version has fields and symbols more than
 * ours or fewer; none is ever renamed. Both at once is a damaged name, by which Avro would silently
 * read nothing for the field, or a default for the symbol.
 */
final class KnownFields {
  private KnownFields() {}

  /** The first field or symbol of ours that has another name in a schema; null: there is none. */
  static String renamed(Schema theirs, Schema ours) {
    if (theirs.getType() != ours.getType()) {
      return null; // Avro itself converts it or refuses.
    }
    return switch (theirs.getType()) {
      case RECORD -> renamedIn(theirs, ours);
      case ENUM -> oneRenamed(new HashSet<>(theirs.getEnumSymbols()), ours.getEnumSymbols());
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
    String renamed = oneRenamed(names(theirs), names(ours));
    if (renamed != null) {
      return renamed;
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

  /** The first of ours that is missing when there are unknown ones besides; else null. */
  private static String oneRenamed(Set<String> theirs, Collection<String> ours) {
    boolean hasUnknown = !ours.containsAll(theirs);
    return hasUnknown
        ? ours.stream().filter(name -> !theirs.contains(name)).findFirst().orElse(null)
        : null;
  }

  private static Set<String> names(Schema record) {
    Set<String> names = new LinkedHashSet<>();
    record.getFields().forEach(field -> names.add(field.name()));
    return names;
  }
}
