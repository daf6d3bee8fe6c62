package io.unfreed.streams.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificFixed;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Changes what a record says and leaves its encoding valid: any field, however deep, may get any
 * value of its type, and lists may lose, repeat or gain items.
 */
public final class AbsurdRecords {
  private static final int MOST_ADDED = 3000;

  private final Random random;
  private final List<Runnable> changes = new ArrayList<>();

  private AbsurdRecords(Random random) {
    this.random = random;
  }

  /** A copy with one to three changes. */
  public static <T extends SpecificRecordBase> T changed(Random random, T record) {
    T copy = SpecificData.get().deepCopy(record.getSchema(), record);
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      AbsurdRecords places = new AbsurdRecords(random);
      places.visit(copy);
      places.changes.get(random.nextInt(places.changes.size())).run();
    }
    return copy;
  }

  private void visit(SpecificRecordBase record) {
    for (Schema.Field field : record.getSchema().getFields()) {
      int at = field.pos();
      visit(field.schema(), record.get(at), value -> record.put(at, value));
    }
  }

  private void visit(Schema schema, Object value, Consumer<Object> set) {
    if (schema.getType() == Schema.Type.UNION) {
      Schema other = schema.getTypes().getLast();
      if (value != null) {
        changes.add(() -> set.accept(null));
        visit(other, value, set);
      } else if (isSimple(other)) {
        changes.add(() -> set.accept(absurd(other)));
      }
    } else if (value instanceof SpecificRecordBase record) {
      visit(record);
    } else if (value instanceof List<?> list) {
      visitList(schema.getElementType(), list);
    } else if (schema.getType() == Schema.Type.MAP) {
      visitMap(schema.getValueType(), value);
    } else {
      changes.add(() -> set.accept(absurd(schema)));
    }
  }

  private void visitList(Schema item, List<?> untyped) {
    @SuppressWarnings("unchecked") // Avro's lists take what their schema says
    List<Object> list = (List<Object>) untyped;
    if (isSimple(item)) {
      changes.add(() -> list.add(random.nextInt(list.size() + 1), absurd(item)));
      changes.add(() -> addMany(item, list));
    }
    if (list.isEmpty()) {
      return;
    }
    int at = random.nextInt(list.size());
    changes.add(() -> list.remove(at));
    changes.add(() -> list.add(list.get(at)));
    changes.add(list::clear);
    visit(item, list.get(at), value -> list.set(at, value));
    visit(item, list.get(at), value -> list.set(at, value));
  }

  private void addMany(Schema item, List<Object> list) {
    Object value = absurd(item);
    for (int n = random.nextInt(MOST_ADDED); n > 0; n--) {
      list.add(value);
    }
  }

  private void visitMap(Schema item, Object untyped) {
    @SuppressWarnings("unchecked") // as its schema says
    Map<Object, Object> map = (Map<Object, Object>) untyped;
    changes.add(() -> map.put(Absurd.text(random), absurd(item)));
  }

  private static boolean isSimple(Schema schema) {
    return switch (schema.getType()) {
      case INT, LONG, BOOLEAN, STRING, ENUM, FIXED -> true;
      default -> false;
    };
  }

  private Object absurd(Schema schema) {
    return switch (schema.getType()) {
      case INT -> (int) Absurd.number(random);
      case LONG -> Absurd.number(random);
      case BOOLEAN -> random.nextBoolean();
      case STRING -> Absurd.text(random);
      case ENUM -> {
        Object[] symbols = SpecificData.get().getClass(schema).getEnumConstants();
        yield symbols[random.nextInt(symbols.length)];
      }
      case FIXED -> {
        byte[] bytes = new byte[schema.getFixedSize()];
        random.nextBytes(bytes);
        SpecificFixed fixed =
            (SpecificFixed) SpecificData.newInstance(SpecificData.get().getClass(schema), schema);
        fixed.bytes(bytes);
        yield fixed;
      }
      default -> throw new IllegalArgumentException("no absurd " + schema.getType());
    };
  }
}
